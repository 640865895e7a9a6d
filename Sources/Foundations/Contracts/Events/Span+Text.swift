extension Span<UInt8> {
    /// The text of a range that is known to be UTF-8; what is not would be repaired.
    func text(_ range: ByteRange) -> String {
        String(decoding: [UInt8](copying: extracting(range.range)), as: UTF8.self)
    }
}

extension [UInt8] {
    init(copying span: Span<UInt8>) {
        self.init(capacity: span.count) { (out: inout OutputSpan<UInt8>) in
            for i in span.indices { out.append(span[i]) }
        }
    }
}
