internal import COpenSSL

/// A certificate chain and its key as they lie in files: PEM, the server's own certificate first.
public struct CertificateFiles: Equatable, Sendable {
    public let chain: [UInt8]
    public let key: [UInt8]

    public init(chain: [UInt8], key: [UInt8]) {
        self.chain = chain
        self.key = key
    }
}

/// The certificates a server shows, and everything else about its side of TLS: one `SSL_CTX` for each.
///
/// TLS 1.2 and 1.3 only, suites with forward secrecy and AEAD only, no renegotiation, no compression, no early data; sessions are resumed by tickets.
///
/// Sendable because an `SSL_CTX` may be used by any number of threads once it is set up, and nobody changes it after `init`.
@safe final class TLSCertificates: @unchecked Sendable {
    private var contexts: [OpaquePointer] = unsafe []
    /// In the form of RFC 7301 §3.1: each name behind its length.
    private let protocols: UnsafeMutableBufferPointer<UInt8>
    let tickets: TicketKeys
    /// When the first of the certificates ends, in seconds since 1970.
    private(set) var notAfter = Int64.max

    /// - Parameters:
    ///   - protocols: for ALPN, the one we like best first.
    ///   - authorities: whose certificates clients must show; nil asks them for none.
    init(_ files: [CertificateFiles], protocols: [String], authorities: [UInt8]?, tickets: TicketKeys) throws(TLSError) {
        let list = protocols.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
        unsafe self.protocols = .allocate(capacity: list.count)
        _ = unsafe self.protocols.initialize(from: list)
        self.tickets = tickets
        guard !files.isEmpty else { throw .certificate("there is none") }
        for file in files { try add(file, authorities) }
    }

    deinit {
        unsafe contexts.forEach { unsafe SSL_CTX_free($0) }
        unsafe protocols.deallocate()
    }

    /// The context of a connection before it has said whom it wants.
    var first: OpaquePointer { unsafe contexts[0] }

    private func add(_ files: CertificateFiles, _ authorities: [UInt8]?) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(TLS_server_method()) else { throw .library(TLSError.reason()) }
        unsafe contexts.append(context)
        try unsafe TLSMaterial.prepare(context, isInternal: authorities != nil)
        guard unsafe SSL_CTX_set_session_id_context(context, "strongroom", 10) == 1 else { throw .library(TLSError.reason()) }
        unsafe SSL_CTX_set_timeout(context, Int(TicketKeys.lifetime))
        try unsafe TLSMaterial.use(files, in: context)
        if let authorities { try unsafe TLSMaterial.require(authorities, in: context) }
        if let leaf = unsafe SSL_CTX_get0_certificate(context), let end = unsafe Self.seconds(X509_get0_notAfter(leaf)) {
            notAfter = min(notAfter, end)
        }
        unsafe installCallbacks(context)
    }

    /// The callbacks find us by an unretained pointer: each session holds us as long as libssl may call them.
    private func installCallbacks(_ context: OpaquePointer) {
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        unsafe SSL_CTX_set_ex_data(context, 0, own)
        unsafe SSL_CTX_set_alpn_select_cb(
            context,
            { _, out, outCount, offered, offeredCount, own in
                let certificates = unsafe Unmanaged<TLSCertificates>.fromOpaque(own!).takeUnretainedValue()
                return unsafe certificates.select(out!, outCount!, offered!, offeredCount)
            }, own)
        unsafe strongroom_ssl_on_server_name(
            context,
            { ssl, _, own in
                let certificates = unsafe Unmanaged<TLSCertificates>.fromOpaque(own!).takeUnretainedValue()
                unsafe certificates.choose(ssl!)
                return SSL_TLSEXT_ERR_OK
            }, own)
        unsafe SSL_CTX_set_tlsext_ticket_key_evp_cb(context) { ssl, name, iv, cipher, mac, sealing in
            let own = unsafe SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), 0)
            let certificates = unsafe Unmanaged<TLSCertificates>.fromOpaque(own!).takeUnretainedValue()
            // A ticket of TLS 1.3 is for one use (RFC 8446 §C.4), so there is always another.
            let always = unsafe SSL_version(ssl) == TLS1_3_VERSION
            return unsafe certificates.tickets.prepare(name!, iv!, cipher!, mac!, sealing: sealing == 1, always: always)
        }
    }

    /// RFC 7301 §3.2: our order counts; a client that offers only what we don't speak is refused, so that no other protocol's client can be led here.
    private func select(
        _ out: UnsafeMutablePointer<UnsafePointer<UInt8>?>, _ outCount: UnsafeMutablePointer<UInt8>, _ offered: UnsafePointer<UInt8>,
        _ offeredCount: UInt32
    ) -> Int32 {
        var chosen: UnsafeMutablePointer<UInt8>?
        let status = unsafe SSL_select_next_proto(&chosen, outCount, protocols.baseAddress, UInt32(protocols.count), offered, offeredCount)
        guard status == OPENSSL_NPN_NEGOTIATED else { return SSL_TLSEXT_ERR_ALERT_FATAL }
        unsafe out.pointee = unsafe UnsafePointer(chosen)
        return SSL_TLSEXT_ERR_OK
    }

    /// RFC 6066 §3: the first certificate that is good for the name; where none is, or no name is given, the first of all.
    private func choose(_ ssl: OpaquePointer) {
        guard unsafe contexts.count > 1, let name = unsafe SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name) else { return }
        let good = unsafe contexts.first { unsafe X509_check_host(SSL_CTX_get0_certificate($0), name, 0, 0, nil) == 1 }
        if let good = unsafe good { unsafe SSL_set_SSL_CTX(ssl, good) }
    }

    private static func seconds(_ time: UnsafePointer<ASN1_TIME>?) -> Int64? {
        guard let time = unsafe time, let epoch = unsafe ASN1_TIME_set(nil, 0) else { return nil }
        defer { unsafe ASN1_TIME_free(epoch) }
        var days: Int32 = 0
        var seconds: Int32 = 0
        guard unsafe ASN1_TIME_diff(&days, &seconds, epoch, time) == 1 else { return nil }
        return Int64(days) * 86_400 + Int64(seconds)
    }
}
