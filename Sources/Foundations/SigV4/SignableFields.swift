/// A message's header fields as the signature sees them. The HTTP layer's header type conforms; nothing is copied to be signed.
public protocol SignableFields {
    /// Calls `body` with the name and value of each field line, in the order received. Names may be in any case.
    func forEachField(_ body: (_ name: Span<UInt8>, _ value: Span<UInt8>) -> Void)

    /// Calls `body` with the value of each field line of that name, in the order received.
    /// - Parameter name: in lower case.
    func forEachValue(of name: Span<UInt8>, _ body: (Span<UInt8>) -> Void)
}
