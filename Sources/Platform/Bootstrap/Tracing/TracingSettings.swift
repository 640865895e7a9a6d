internal import Bytes
internal import Encodings
internal import Files
internal import HTTP
internal import Transport

/// Where a process sends its traces.
public struct TracingSettings: Sendable {
    let endpoint: Endpoint
    /// The path that traces are posted to.
    let target: String
    /// What the collector knows us by, such as an API key.
    let headers: Headers
    let oneIn: Int

    /// Nil where no collector is named: then nothing is traced.
    public init?(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        let url = reader.optionalString(
            "otlp-endpoint", environment: "OTEL_EXPORTER_OTLP_ENDPOINT",
            help:
                "An OpenTelemetry collector for traces, http://HOST:PORT or https://HOST:PORT (OTLP/HTTP with JSON, to /v1/traces below it); unset, nothing is traced."
        )
        let authority = reader.optionalString(
            "otlp-certificate", environment: "OTEL_EXPORTER_OTLP_CERTIFICATE",
            help: "The authorities, in PEM, of whom one must have signed an https collector's certificate; those of the system, unless told.")
        let given = reader.optionalString(
            "otlp-headers", environment: "OTEL_EXPORTER_OTLP_HEADERS",
            help: "Header fields for the collector, NAME=VALUE with commas between, values percent-encoded; a secret is better in otlp-headers-file.")
        let headersFile = reader.optionalString("otlp-headers-file", help: "A file with what would be in otlp-headers.")
        oneIn = try reader.integer(
            "trace-one-in", default: 1, in: 1...1_000_000,
            help: "Of so many traces that begin at the gateway, one is recorded; a traceparent that a client sends says so itself.")
        guard let url else { return nil }
        guard let parsed = Self.parse(url) else {
            // It may hold a password.
            throw .invalid(
                key: "otlp-endpoint", value: url.contains("@") ? "…" : url,
                expected: "http://HOST:PORT or https://HOST:PORT, without credentials or query")
        }
        if authority != nil, !parsed.isEncrypted {
            throw .invalid(key: "otlp-endpoint", value: url, expected: "https://HOST:PORT, since there is an otlp-certificate")
        }
        target = parsed.target
        endpoint =
            parsed.isEncrypted
            ? Endpoint(host: parsed.endpoint.host, port: parsed.endpoint.port, security: try Self.security(authority, name: parsed.endpoint.host))
            : parsed.endpoint
        headers = try Self.headers(given, file: headersFile)
    }

    // MARK: The address

    private static func parse(_ url: String) -> (endpoint: Endpoint, target: String, isEncrypted: Bool)? {
        let isEncrypted = url.hasPrefix("https://")
        guard isEncrypted || url.hasPrefix("http://") else { return nil }
        let rest = url.dropFirst(isEncrypted ? "https://".count : "http://".count)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var base = rest[slash...]
        while base.hasSuffix("/") { base.removeLast() }
        guard base.utf8.allSatisfy({ $0.isVisible && $0 != UInt8(ascii: "?") && $0 != UInt8(ascii: "#") }) else { return nil }
        let authority = String(rest[..<slash])
        // Without a port it is the scheme's (RFC 9110 §4.2.1, §4.2.2).
        guard let endpoint = Endpoint(authority) ?? Endpoint(authority + (isEncrypted ? ":443" : ":80")) else { return nil }
        return (endpoint, base + "/v1/traces", isEncrypted)
    }

    private static func security(_ file: String?, name: String) throws(ConfigurationError) -> Endpoint.Security {
        func refused(_ error: any Error) -> ConfigurationError {
            .invalid(key: "otlp-certificate", value: file ?? "", expected: "certificates in PEM (\(error))")
        }
        let authorities: [UInt8]?
        do throws(FileError) {
            authorities = try file.map { (path) throws(FileError) in try File.read(path, limit: 1 << 20) }
        } catch { throw refused(error) }
        do throws(TLSError) {
            return Endpoint.Security(try TLSClientContext(trusting: authorities), name: name)
        } catch { throw refused(error) }
    }

    // MARK: Header fields

    /// What the client writes itself.
    private static let own: [HeaderName] = [
        .host, .contentType, .contentLength, .transferEncoding, .connection, .userAgent, .expect, .te, .trailer, .upgrade, .keepAlive,
    ]

    private static func headers(_ given: String?, file: String?) throws(ConfigurationError) -> Headers {
        // No error says what was there: it may be a secret.
        let key = file == nil ? "otlp-headers" : "otlp-headers-file"
        func refused(_ expected: String) -> ConfigurationError { .invalid(key: key, value: file ?? "…", expected: expected) }
        var text = given ?? ""
        if let file {
            guard given == nil else { throw refused("one of otlp-headers and otlp-headers-file") }
            do throws(FileError) {
                text = String(decoding: try File.read(file, limit: 1 << 16), as: UTF8.self)
            } catch { throw refused("a file that can be read (\(error))") }
        }
        var headers = Headers()
        // The form of W3C Baggage, without its properties: so OpenTelemetry's specification has it.
        for pair in text.split(whereSeparator: { $0 == "," || $0.isNewline }) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map {
                String($0.trimmed { $0 == " " || $0 == "\t" })
            }
            if parts == [""] { continue }
            guard parts.count == 2, let name = HeaderName(parts[0]), let value = PercentEncoding.decode(parts[1].utf8.span),
                value.allSatisfy(\.isPrintable)
            else { throw refused("NAME=VALUE with commas between, values percent-encoded") }
            guard !own.contains(name), !headers.contains(name) else { throw refused("each field once, and none that the client writes itself") }
            headers.add(name, value)
        }
        return headers
    }
}
