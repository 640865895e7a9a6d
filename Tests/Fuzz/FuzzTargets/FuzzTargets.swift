import Contracts
import FuzzSupport

/// The input is a request target. What is accepted is its own canonical form, is no longer than it came, names no other directory when it is
/// decoded, and decodes no further.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    let host = Array("strongroom.test".utf8)
    guard let target = try? CanonicalTarget(bytes.span, host: host.span) else { return 0 }
    guard let again = try? CanonicalTarget(target.bytes.span, host: host.span), again == target else { fatalError("not canonical: \(bytes)") }
    // An empty path is written as its slash.
    precondition(target.bytes.count <= count + 1 && target.bytes.first == UInt8(ascii: "/"))
    let path = decoded(target.bytes[..<target.pathCount])
    for segment in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).dropFirst().dropLast() where segment.isEmpty {
        fatalError("an empty segment: \(bytes)")
    }
    for segment in path.split(separator: UInt8(ascii: "/")) where segment.elementsEqual(".".utf8) || segment.elementsEqual("..".utf8) {
        fatalError("a dot segment: \(bytes)")
    }
    for byte in path where byte < 0x20 || byte == 0x7F || byte == UInt8(ascii: "\\") || byte == UInt8(ascii: ";") {
        fatalError("a delimiter: \(bytes)")
    }
    guard decoded(path[...]) == path else { fatalError("decodes twice: \(bytes)") }
    guard String(validating: path, as: UTF8.self) != nil else { fatalError("not UTF-8: \(bytes)") }
    return 0
}

/// Percent-decoding as the most lenient reader does it: what is no escape stays.
private func decoded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    var index = bytes.startIndex
    while index < bytes.endIndex {
        if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.endIndex,
            bytes[index + 1...index + 2].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
            let value = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
        {
            output.append(value)
            index += 3
        } else {
            output.append(bytes[index])
            index += 1
        }
    }
    return output
}

@_cdecl("FuzzTargets_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
