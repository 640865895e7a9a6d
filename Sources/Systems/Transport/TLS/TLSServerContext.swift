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

    /// Reads other certificates, all or none.
    /// - Returns: what has them shown from then on; until it is called, the old ones are.
    public func prepare(_ files: [CertificateFiles], authorities: [UInt8]? = nil) throws(TLSError) -> () -> Void {
        let fresh = try TLSCertificates(files, protocols: protocols, authorities: authorities, tickets: tickets)
        return { self.certificates.withLock { $0 = fresh } }
    }

    /// When the first of the certificates ends, in seconds since 1970.
    public var notAfter: Int64 { certificates.withLock { $0.notAfter } }

    var current: TLSCertificates { certificates.withLock { $0 } }
}
