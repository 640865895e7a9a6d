public import Bootstrap
import HTTP

/// The settings of the gateway.
public struct GatewayConfiguration: ServiceConfiguration {
    /// The API document's file: OpenAPI 3.0 in YAML, or in JSON where its name ends so. nil: the shipped one, which is compiled in.
    public var routes: String?
    /// Milliseconds between two looks at whether it has changed.
    public var reloadMilliseconds = 1_000
    /// The API's id in method ARNs.
    public var apiID = "strongroom"
    /// Proxies whose `X-Forwarded-For` is believed.
    var trustedProxies: [ClientAddress.Block] = []
    /// Servers outside the cluster that routes may lead to, `host:port`.
    public var backends: Set<String> = []
    /// Verified tokens kept, and policies.
    public var tokenCache = 50_000
    public var policyCache = 20_000
    /// Requests a second of one user or IAM principal, steadily and at once; 0 throttles nobody.
    public var throttleRate = 1_000
    public var throttleBurst = 2_000
    /// Seconds after which a key set that is in use is fetched again.
    public var keySetRefresh = 60

    public init() {}

    public init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        routes = reader.optionalString(
            "routes", help: "The API document (OpenAPI 3.0), read again when it changes; unset, the shipped one (ops/config/gateway/api.yaml).")
        reloadMilliseconds = try reader.integer(
            "routes-check-ms", default: 1_000, in: 50...3_600_000, help: "How often the API document is looked at, in milliseconds.")
        apiID = try reader.string("api-id", default: "strongroom", help: "The API's id in the ARNs that policies speak of.")
        tokenCache = try reader.integer("token-cache", default: 50_000, in: 32...10_000_000, help: "Verified tokens kept.")
        policyCache = try reader.integer("policy-cache", default: 20_000, in: 32...10_000_000, help: "Callers' policies kept.")
        throttleRate = try reader.integer(
            "throttle-rate", default: 1_000, in: 0...10_000_000,
            help:
                "Requests a second of one user or IAM principal; beyond them 429 Too Many Requests, as beyond 256 that wait at a time, of one of these or, on open routes, of one network. 0 throttles nobody."
        )
        throttleBurst = try reader.integer(
            "throttle-burst", default: 2_000, in: 1...10_000_000, help: "How many of these may come at once, after a while without any.")
        keySetRefresh = try reader.integer(
            "key-set-refresh-seconds", default: 60, in: 1...300,
            help:
                "After so long a pool's key set is fetched again, and after twice as long not used without: less than identity's --token-key-lead-seconds."
        )
        backends = Set(
            reader.list("backends", help: "Servers outside the cluster that routes may lead to, as host:port, with commas between them."))
        for backend in backends where Endpoint(backend) == nil { throw .invalid(key: "backends", value: backend, expected: "HOST:PORT") }
        for text in reader.list(
            "trusted-proxies", help: "Addresses (10.0.0.0/8) of proxies whose X-Forwarded-For is believed, with commas between them.")
        {
            guard let block = ClientAddress.Block(text) else {
                throw .invalid(key: "trusted-proxies", value: text, expected: "an address or a block such as 10.0.0.0/8")
            }
            trustedProxies.append(block)
        }
    }
}
