public import HTTP
public import SigV4

extension Headers: SignableFields {
    public func forEachField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void) {
        let bytes = bytes.span
        for index in 0..<count { body(bytes.extracting(nameRange(at: index)), bytes.extracting(valueRange(at: index))) }
    }

    public func forEachValue(of name: Span<UInt8>, _ body: (Span<UInt8>) -> Void) { forEachValue(ofLowercase: name, body) }
}
