internal import Synchronization

/// The server's side of TLS for one listener. Its certificates can be replaced while it runs: connections that are open, and handshakes that have begun, keep
/// the old ones, and tickets stay good.
public final class TLSServerContext: Sendable {
    private let protocols: [String]
    private let tickets = TicketKeys()
    public let handshakes = HandshakeCounts()
    private let certificates: Mutex<TLSCertificates>

    /// - Parameters:
    ///   - files: which is shown is chosen by the name the client asks for; the first, where none is good for it.
    ///   - protocols: what ALPN may settle on, the one we like best first.
    ///   - authorities: whose certificates clients must show, in PEM; then TLS 1.3 only, without tickets. Nil asks clients for none.
    public init(_ files: [CertificateFiles], protocols: [String], authorities: [UInt8]? = nil) throws(TLSError) {
        self.protocols = protocols
        certificates = Mutex(try TLSCertificates(files, protocols: protocols, authorities: authorities, tickets: tickets))
    }

    /// Reads certificates for ``use(_:)``, all or none; until then nobody sees them.
    /// - Parameter authorities: nil as it was at the beginning.
    public func prepare(_ files: [CertificateFiles], authorities: [UInt8]? = nil) throws(TLSError) -> TLSCertificates {
        try TLSCertificates(files, protocols: protocols, authorities: authorities, tickets: tickets)
    }

    /// Takes other certificates from now on: what ``prepare(_:authorities:)`` of this context has made.
    public func use(_ fresh: TLSCertificates) {
        certificates.withLock { $0 = fresh }
    }

    /// When the first of the certificates ends, in seconds since 1970.
    public var notAfter: Int64 { certificates.withLock { $0.notAfter } }

    var current: TLSCertificates { certificates.withLock { $0 } }
}
