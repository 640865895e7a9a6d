import Foundation

/// A file of Tests/Vectors/crypto.
func vectors<T: Decodable>(_ name: String, as type: T.Type) throws -> T {
    let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../Vectors/crypto/\(name).json")
    return try JSONDecoder().decode(type, from: Data(contentsOf: file))
}

struct Cases<Case: Decodable>: Decodable {
    let cases: [Case]
}

func hex(_ text: String) -> [UInt8] {
    let digits = Array(text.utf8)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16) ?? 0 }
}

func base64url(_ text: String) -> [UInt8] {
    var standard = text.replacing("-", with: "+").replacing("_", with: "/")
    standard += String(repeating: "=", count: (4 - standard.count % 4) % 4)
    return Array(Data(base64Encoded: standard) ?? Data())
}
