internal import Bytes
internal import COpenSSL

/// An authority that signs certificates for as long as this value lives: its key is never stored, so nobody can be handed another one later.
public struct CertificateAuthority: Sendable {
    /// A name that a certificate is good for: a host name, or a numeric address.
    public enum Name: Hashable, Sendable {
        case host(String)
        case address(String)
    }

    /// What a certificate may be shown as.
    public enum Use: String, Sendable {
        case server = "serverAuth"
        case client = "clientAuth"
    }

    /// A certificate and its key.
    public struct Issued: Sendable {
        /// DER.
        public let certificate: [UInt8]
        /// PKCS #8 DER, in the clear.
        public let key: [UInt8]
    }

    static let days: Int64 = 825
    private static let day: Int64 = 86_400

    private let key: P256PrivateKey
    private let from: Int64
    private let until: Int64
    private let commonName: String
    private let serial: [UInt8]
    /// DER: what those who check its certificates are told to trust.
    public let certificate: [UInt8]

    /// - Parameters:
    ///   - commonName: what the authority calls itself.
    ///   - now: seconds since 1970. Its certificates are good for 825 days from an hour before, for clocks that are slow.
    public init(_ commonName: String, now: Int64) throws(CryptoError) {
        (from, until) = (now - 3600, now + Self.days * Self.day)
        self.commonName = commonName
        key = try P256PrivateKey.generate()
        serial = Self.newSerial()
        let root = try Self.root(commonName, serial, key, from, until)
        certificate = try root.signed(by: root, with: key)
    }

    /// - Parameters:
    ///   - names: letters, digits, dots, dashes and, in addresses, colons; at least one for a server.
    ///   - uses: at least one.
    public func issue(_ commonName: String, names: [Name], for uses: [Use]) throws(CryptoError) -> Issued {
        guard !uses.isEmpty, !names.isEmpty || !uses.contains(.server), names.allSatisfy(\.isPlain) else { throw .invalidParameter }
        let root = try Self.root(self.commonName, serial, key, from, until)
        let ownKey = try P256PrivateKey.generate()
        let made = try CertificateBuilder(serial: Self.newSerial(), commonName: commonName, key: ownKey, from: from, until: until)
        var extensions = [
            (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"),
            (NID_ext_key_usage, uses.map(\.rawValue).joined(separator: ",")),
        ]
        if !names.isEmpty { extensions.append((NID_subject_alt_name, names.map(\.text).joined(separator: ","))) }
        extensions += [(NID_subject_key_identifier, "hash"), (NID_authority_key_identifier, "keyid:always")]
        try made.add(extensions, issuer: root)
        return Issued(certificate: try made.signed(by: root, with: key), key: try ownKey.pkcs8())
    }

    private static func root(
        _ commonName: String, _ serial: [UInt8], _ key: P256PrivateKey, _ from: Int64, _ until: Int64
    ) throws(CryptoError) -> CertificateBuilder {
        let root = try CertificateBuilder(serial: serial, commonName: commonName, key: key, from: from, until: until)
        try root.add(
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ], issuer: root)
        return root
    }

    /// 127 random bits, the first of them set: never zero, never negative.
    private static func newSerial() -> [UInt8] {
        var bytes = Random.bytes(16)
        bytes[0] = bytes[0] & 0x7f | 0x40
        return bytes
    }
}

extension CertificateAuthority.Name {
    fileprivate var text: String {
        switch self {
        case .host(let name): "DNS:\(name)"
        case .address(let address): "IP:\(address)"
        }
    }

    /// A comma or a colon in a host name would begin another entry of the list.
    fileprivate var isPlain: Bool {
        func plain(_ text: String, and more: String) -> Bool {
            !text.isEmpty
                && text.utf8.allSatisfy { $0.isAlphanumeric || more.utf8.contains($0) }
        }
        return switch self {
        case .host(let name): plain(name, and: ".-_")
        case .address(let address): plain(address, and: ".:")
        }
    }
}
