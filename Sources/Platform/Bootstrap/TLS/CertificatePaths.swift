/// Where the certificates of a listener lie.
public struct CertificatePaths: Equatable, Sendable {
    /// One chain and its key.
    public struct Pair: Equatable, Sendable {
        public let chain: String
        public let key: String

        public init(chain: String, key: String) {
            self.chain = chain
            self.key = key
        }
    }

    public let pairs: [Pair]
    public let checkMilliseconds: Int

    /// Certificates that one listener may show.
    private static let maximumCount = 64

    public init(_ pairs: [Pair], checkMilliseconds: Int = 1_000) {
        self.pairs = pairs
        self.checkMilliseconds = checkMilliseconds
    }

    /// Nil where no certificate is named.
    init?(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        let chains = reader.list(
            "tls-certificate",
            help:
                "The certificate chain in PEM, own certificate first; more of them, with commas between, are chosen by the name a client asks for. Unset: plain HTTP."
        )
        let keys = reader.list(
            "tls-key", help: "The certificate's private key in PEM, unencrypted; as many as there are certificates, in their order.")
        let checkMilliseconds = try reader.integer(
            "tls-check-ms", default: 1_000, in: 50...3_600_000,
            help: "How often these files are looked at, in milliseconds; changed ones are taken into use.")
        if chains.isEmpty, !keys.isEmpty { throw .missing(key: "tls-certificate") }
        if keys.isEmpty, !chains.isEmpty { throw .missing(key: "tls-key") }
        guard chains.count == keys.count, chains.count <= Self.maximumCount else {
            throw .invalid(key: "tls-key", value: "\(keys.count) files", expected: "one for each of at most \(Self.maximumCount) certificates")
        }
        if chains.isEmpty { return nil }
        self.init(zip(chains, keys).map { Pair(chain: $0, key: $1) }, checkMilliseconds: checkMilliseconds)
    }
}
