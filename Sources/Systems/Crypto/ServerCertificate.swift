internal import COpenSSL

/// A TLS server's certificate from an authority that is made for it alone and forgotten at once: whoever trusts the authority
/// trusts this server and can be handed no other's certificate.
public struct ServerCertificate: Sendable {
    /// A name the server is reached by: a host name, or a numeric address.
    public enum Name: Hashable, Sendable {
        case host(String)
        case address(String)
    }

    static let days: Int64 = 825
    private static let day: Int64 = 86_400

    /// DER.
    public let certificate: [UInt8]
    /// The authority's own certificate, DER: what clients are told to trust.
    public let authority: [UInt8]
    /// PKCS #8 DER, in the clear.
    public let key: [UInt8]

    /// - Parameters:
    ///   - names: at least one; letters, digits, dots, dashes and, in addresses, colons.
    ///   - now: seconds since 1970. The certificate is good for 825 days from an hour before, for clocks that are slow.
    public init(names: [Name], now: Int64) throws(CryptoError) {
        guard !names.isEmpty, names.allSatisfy(\.isPlain) else { throw .invalidParameter }
        let (from, until) = (now - 3600, now + Self.days * Self.day)
        let authorityKey = try P256PrivateKey.generate()
        let root = try CertificateBuilder(
            serial: Self.serial(), commonName: "Strongroom authority", key: authorityKey, from: from, until: until)
        try root.add(
            [
                (NID_basic_constraints, "critical,CA:TRUE,pathlen:0"), (NID_key_usage, "critical,keyCertSign,cRLSign"),
                (NID_subject_key_identifier, "hash"),
            ], issuer: root)
        authority = try root.signed(by: root, with: authorityKey)

        let serverKey = try P256PrivateKey.generate()
        let server = try CertificateBuilder(serial: Self.serial(), commonName: "Strongroom gateway", key: serverKey, from: from, until: until)
        try server.add(
            [
                (NID_basic_constraints, "critical,CA:FALSE"), (NID_key_usage, "critical,digitalSignature"), (NID_ext_key_usage, "serverAuth"),
                (NID_subject_alt_name, names.map(\.text).joined(separator: ",")), (NID_subject_key_identifier, "hash"),
                (NID_authority_key_identifier, "keyid:always"),
            ], issuer: root)
        certificate = try server.signed(by: root, with: authorityKey)
        key = try serverKey.pkcs8()
    }

    /// 127 random bits, the first of them set: never zero, never negative.
    private static func serial() -> [UInt8] {
        var bytes = Random.bytes(16)
        bytes[0] = bytes[0] & 0x7f | 0x40
        return bytes
    }
}

extension ServerCertificate.Name {
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
                && text.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
                    default: more.utf8.contains(byte)
                    }
                }
        }
        return switch self {
        case .host(let name): plain(name, and: ".-_")
        case .address(let address): plain(address, and: ".:")
        }
    }
}
