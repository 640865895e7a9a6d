internal import Bytes

/// One pass over a request target. RFC 3986 §3.3 and §3.4, with every choice it leaves to the reader answered by refusal.
struct TargetCanonicaliser {
    /// `pchar` without `;` and without escapes.
    private static let pathBytes = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@")
    private static let unreserved = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
    private static let queryBytes = ByteSet("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,=:@/?")

    private let start: Int
    private var sawPercent = false
    private var sawHighByte = false

    init(start: Int) {
        self.start = start
    }

    /// `target` begins at the path, which is empty only in an absolute-form target.
    mutating func run(_ target: Span<UInt8>, into output: inout [UInt8]) throws(CanonicalTargetError) -> Int {
        var index = 0
        if target.count == 0 || target[0] == UInt8(ascii: "?") {
            output.append(UInt8(ascii: "/"))
        } else {
            index = try path(target, into: &output)
        }
        let pathCount = output.count - start
        if sawPercent { try refuseDoubleEscape(output) }
        if index < target.count { try query(target.extracting((index + 1)...), into: &output) }
        if sawHighByte { try requireUTF8(output) }
        return pathCount
    }

    private mutating func path(_ target: Span<UInt8>, into output: inout [UInt8]) throws(CanonicalTargetError) -> Int {
        var index = 0
        var segment = output.count + 1
        while index < target.count {
            let byte = target[index]
            if Self.pathBytes.contains(byte) {
                output.append(byte)
                index += 1
            } else if byte == UInt8(ascii: "/") {
                if index > 0 {
                    if output.count == segment { throw .emptySegment }
                    try refuseDots(output, from: segment)
                }
                output.append(byte)
                segment = output.count
                index += 1
            } else if byte == UInt8(ascii: "?") {
                break
            } else if byte == UInt8(ascii: "%") {
                let value = try escape(target, at: index)
                switch value {
                case UInt8(ascii: "/"), UInt8(ascii: "\\"), UInt8(ascii: ";"): throw .escapedDelimiter
                case UInt8(ascii: "%"): sawPercent = true
                default: break
                }
                append(value, unescaped: Self.pathBytes, to: &output)
                index += 3
            } else {
                throw byte == UInt8(ascii: ";") ? .parameter : .forbiddenByte
            }
        }
        try refuseDots(output, from: segment)
        return index
    }

    private mutating func query(_ query: Span<UInt8>, into output: inout [UInt8]) throws(CanonicalTargetError) {
        guard query.count > 0 else { return }
        output.append(UInt8(ascii: "?"))
        var index = 0
        while index < query.count {
            let byte = query[index]
            if Self.queryBytes.contains(byte) {
                output.append(byte)
                index += 1
            } else if byte == UInt8(ascii: "%") {
                append(try escape(query, at: index), unescaped: Self.unreserved, to: &output)
                index += 3
            } else {
                throw byte == UInt8(ascii: ";") ? .parameter : .forbiddenByte
            }
        }
    }

    private func escape(_ span: Span<UInt8>, at index: Int) throws(CanonicalTargetError) -> UInt8 {
        guard index + 2 < span.count, let high = span[index + 1].hexadecimalValue, let low = span[index + 2].hexadecimalValue else {
            throw .malformedEscape
        }
        let value = high << 4 | low
        if value < 0x20 || value == 0x7F { throw .escapedControlByte }
        return value
    }

    private mutating func append(_ value: UInt8, unescaped: ByteSet, to output: inout [UInt8]) {
        if unescaped.contains(value) {
            output.append(value)
            return
        }
        if value >= 0x80 { sawHighByte = true }
        output.append(UInt8(ascii: "%"))
        output.append(UInt8(upperHexadecimalDigitOf: value >> 4))
        output.append(UInt8(upperHexadecimalDigitOf: value & 15))
    }

    /// Dots are unreserved, so an escaped dot stands decoded in `output` and this sees it.
    private func refuseDots(_ output: [UInt8], from segment: Int) throws(CanonicalTargetError) {
        let length = output.count - segment
        guard length == 1 || length == 2, output[segment] == UInt8(ascii: "."), output[output.count - 1] == UInt8(ascii: ".") else { return }
        throw .dotSegment
    }

    /// Hexadecimal digits always stand decoded in `output`, so what decodes twice reads `%25` and two of them there.
    private func refuseDoubleEscape(_ output: [UInt8]) throws(CanonicalTargetError) {
        var index = start
        while index + 4 < output.count {
            if output[index] == UInt8(ascii: "%"), output[index + 1] == UInt8(ascii: "2"), output[index + 2] == UInt8(ascii: "5"),
                output[index + 3].hexadecimalValue != nil, output[index + 4].hexadecimalValue != nil
            {
                throw .doubleEscape
            }
            index += 1
        }
    }

    private func requireUTF8(_ output: [UInt8]) throws(CanonicalTargetError) {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(output.count - start)
        var index = start
        while index < output.count {
            if output[index] == UInt8(ascii: "%") {
                decoded.append(try escape(output.span, at: index))
                index += 3
            } else {
                decoded.append(output[index])
                index += 1
            }
        }
        guard (try? UTF8Span(validating: decoded.span)) != nil else { throw .notUTF8 }
    }
}

extension TargetCanonicaliser {
    /// Where the path of an absolute-form target begins (RFC 9112 §3.2.2). Its authority must be the request's own `Host`: which of the
    /// two a reader believes is its own choice, so they may not differ.
    static func endOfAuthority(_ target: Span<UInt8>, host: Span<UInt8>) throws(CanonicalTargetError) -> Int {
        let begin: Int
        if hasPrefix(target, "http://") {
            begin = 7
        } else if hasPrefix(target, "https://") {
            begin = 8
        } else {
            throw .notOriginForm
        }
        var end = begin
        while end < target.count, target[end] != UInt8(ascii: "/"), target[end] != UInt8(ascii: "?"), target[end] != UInt8(ascii: "#") {
            end += 1
        }
        guard end > begin, end - begin == host.count else { throw .foreignAuthority }
        for index in 0..<host.count where target[begin + index].lowercased != host[index].lowercased { throw .foreignAuthority }
        return end
    }

    private static func hasPrefix(_ span: Span<UInt8>, _ prefix: StaticString) -> Bool {
        let prefix = prefix.description.utf8
        guard span.count >= prefix.count else { return false }
        for (index, byte) in prefix.enumerated() where span[index].lowercased != byte { return false }
        return true
    }
}
