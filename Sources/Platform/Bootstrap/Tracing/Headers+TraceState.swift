internal import Bytes
internal import Contracts
internal import Encodings
public import HTTP
internal import Observability

extension Headers {
    /// The lines of `tracestate`, joined and as they came: they belong to the `traceparent` and go on beside it, and nothing here reads them (W3C Trace Context §3.3).
    /// Nil where there are none, without one `traceparent` that is valid, beyond what has to be passed on, and where they are not what a field may say.
    public var traceState: String? {
        guard contains(.tracestate), count(of: .traceparent) == 1,
            withValue(of: .traceparent, { TraceContext(parsing: $0) != nil }) == true
        else { return nil }
        var joined: [UInt8] = []
        let name = HeaderName.tracestate
        forEachValue(ofLowercase: name.bytes.span) { value in
            if !joined.isEmpty { joined.append(UInt8(ascii: ",")) }
            joined.append(value)
        }
        // §3.3.1.3.2: printable ASCII.
        guard !joined.isEmpty, joined.count <= EventLimits.maximumTraceStateBytes, joined.allSatisfy(\.isPrintable) else {
            return nil
        }
        return String(decoding: joined, as: UTF8.self)
    }
}
