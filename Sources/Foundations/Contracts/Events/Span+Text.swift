internal import Bytes

extension Span<UInt8> {
    /// The text of a range that is known to be UTF-8; what is not would be repaired.
    func text(_ range: ByteRange) -> String {
        String(decoding: [UInt8](copying: extracting(range.range)), as: UTF8.self)
    }
}
