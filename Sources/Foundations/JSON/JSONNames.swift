internal import Bytes

/// Names of members that are wanted of an object.
public struct JSONNames: Sendable {
    let texts: [String]
    let bytes: [[UInt8]]

    /// - Parameter names: ASCII, so that each is spelled in one way.
    public init(_ names: [String]) {
        precondition(names.allSatisfy { $0.utf8.allSatisfy { $0 < 0x80 } }, "names of members that are wanted are ASCII")
        texts = names
        bytes = names.map { Array($0.utf8) }
    }

    func index(of name: Span<UInt8>) -> Int? {
        for index in bytes.indices {
            let wanted = bytes[index]
            if wanted.count == name.count, wanted.span.hasSameBytes(as: name) { return index }
        }
        return nil
    }
}
