internal import HTTP

/// Where a process sends its traces.
public struct TracingSettings: Equatable, Sendable {
    let endpoint: Endpoint
    /// The path that traces are posted to.
    let target: String
    let oneIn: Int

    /// Nil where no collector is named: then nothing is traced.
    public init?(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        let url = reader.optionalString(
            "otlp-endpoint", environment: "OTEL_EXPORTER_OTLP_ENDPOINT",
            help: "An OpenTelemetry collector for traces, http://HOST:PORT (OTLP/HTTP with JSON, to /v1/traces below it); unset, nothing is traced.")
        oneIn = try reader.integer(
            "trace-one-in", default: 1, in: 1...1_000_000,
            help: "Of so many traces that begin at the gateway, one is recorded; a traceparent that a client sends says so itself.")
        guard let url else { return nil }
        guard let parsed = Self.parse(url) else {
            throw .invalid(
                key: "otlp-endpoint", value: url, expected: "http://HOST:PORT, without credentials or query (https is not spoken to collectors)")
        }
        (endpoint, target) = parsed
    }

    private static func parse(_ url: String) -> (Endpoint, String)? {
        guard url.hasPrefix("http://") else { return nil }
        let rest = url.dropFirst("http://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var base = rest[slash...]
        while base.hasSuffix("/") { base.removeLast() }
        guard base.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else { return nil }
        let authority = String(rest[..<slash])
        // Without a port it is HTTP's (RFC 9110 §4.2.1).
        guard let endpoint = Endpoint(authority) ?? Endpoint(authority + ":80") else { return nil }
        return (endpoint, base + "/v1/traces")
    }
}
