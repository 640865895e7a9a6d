internal import Contracts
internal import Encodings

extension Span<UInt8> {
    /// The text of a range that was checked to be UTF-8.
    func string(_ range: ByteRange) -> String { String(decoding: [UInt8](self, range), as: UTF8.self) }
}

extension [UInt8] {
    init(_ span: Span<UInt8>, _ range: ByteRange) {
        self = []
        append(span.extracting(range.range))
    }
}
