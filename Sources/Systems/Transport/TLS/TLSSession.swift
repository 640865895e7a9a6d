internal import COpenSSL

/// One connection's state in libssl. It touches no socket: ``TLSExchange`` holds what comes in and what is to go out.
///
/// Soundness: an `SSL` is used by one thread at a time; this one by its loop's only. It is freed here, and the certificates whose callbacks it may call are
/// held as long.
@safe final class TLSSession {
    enum Step {
        case done
        case needsInput
        case failed(String)
    }

    enum Reading {
        /// - Parameter isAll: nothing of the input is left, nor of what came before it.
        case bytes(Int, isAll: Bool)
        case needsInput
        /// close_notify: the peer has said that nothing more comes.
        case ended
        case failed
    }

    private let ssl: OpaquePointer
    private let exchange: TLSExchange
    /// Whatever libssl's callbacks need.
    private let held: AnyObject
    /// libssl must not be asked for anything after a fatal error, not even for a farewell.
    private(set) var hasFailed = false

    /// What came from the socket and was not decrypted yet: a buffer of the loop's pool, held only while there is any.
    var input: UnsafeMutableRawPointer?
    var inputStart = 0
    var inputEnd = 0
    /// The last ``read(into:_:)`` ended for want of room, so libssl may hold more.
    var mayHoldMore = false
    /// Whether records came or went since the last tick.
    private var wasActive = true
    private var holdsBuffers = true
    /// Bytes of the caller's that are encrypted, but whose records the socket has not taken whole.
    var encryptedAhead = 0

    var holdsInput: Bool { mayHoldMore || inputStart < inputEnd }

    init?(_ certificates: TLSCertificates, exchange: TLSExchange) {
        guard let ssl = unsafe SSL_new(certificates.first), let bio = unsafe exchange.makeBIO() else { return nil }
        unsafe self.ssl = unsafe ssl
        self.exchange = exchange
        held = certificates
        // One reference of the BIO serves both directions and becomes libssl's.
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe SSL_set_accept_state(ssl)
    }

    /// A client's.
    /// - Parameter name: what the server's certificate must be good for, a host's name or an address; a name is told as well, an address must not be (RFC 6066 §3).
    init?(_ certificates: TLSClientCertificates, name: String, exchange: TLSExchange) {
        guard let ssl = unsafe SSL_new(certificates.context) else { return nil }
        unsafe SSL_set_hostflags(ssl, UInt32(X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT))
        let isAddress = SocketAddress(host: name, port: 0) != nil
        guard unsafe SSL_set1_host(ssl, name) == 1, unsafe isAddress || strongroom_ssl_set_server_name(ssl, name) == 1,
            let bio = unsafe exchange.makeBIO()
        else {
            unsafe SSL_free(ssl)
            return nil
        }
        unsafe self.ssl = unsafe ssl
        self.exchange = exchange
        held = certificates
        unsafe SSL_set_bio(ssl, bio, bio)
        unsafe SSL_set_connect_state(ssl)
    }

    deinit { unsafe SSL_free(ssl) }

    /// One step of the handshake, with `bytes` as what has arrived.
    /// - Returns: what came of it, and how many of the bytes were used. The exchange's output is to be sent in any case.
    func handshake(_ bytes: UnsafeRawPointer?, _ count: Int) -> (step: Step, used: Int) {
        unsafe exchange.input = unsafe bytes
        exchange.inputCount = count
        defer { unsafe exchange.input = nil }
        ERR_clear_error()
        let status = unsafe SSL_do_handshake(ssl)
        let used = count - exchange.inputCount
        exchange.inputCount = 0
        if status == 1 { return (.done, used) }
        if unsafe SSL_get_error(ssl, status) == SSL_ERROR_WANT_READ { return (.needsInput, used) }
        hasFailed = true
        return (.failed(TLSError.reason()), used)
    }

    /// Called ten times a second. An idle connection gives back the room for records, which is most of what it takes; a busy one keeps it, because getting it anew for
    /// each record costs more than all else that is done with a short one.
    func tick() {
        if wasActive {
            wasActive = false
        } else if holdsBuffers, !hasFailed {
            // Refused while a record is incomplete: then the next tick tries again.
            holdsBuffers = unsafe SSL_free_buffers(ssl) == 0
        }
    }

    private func noteActivity() {
        wasActive = true
        holdsBuffers = true
    }

    /// Decrypts into `buffer` what the input holds.
    func read(into buffer: UnsafeMutableRawPointer, _ capacity: Int) -> Reading {
        if hasFailed { return .failed }
        noteActivity()
        unsafe exchange.input = unsafe input.map { unsafe UnsafeRawPointer($0 + inputStart) }
        exchange.inputCount = inputEnd - inputStart
        ERR_clear_error()
        let count = unsafe SSL_read(ssl, buffer, Int32(capacity))
        inputStart = inputEnd - exchange.inputCount
        unsafe exchange.input = nil
        exchange.inputCount = 0
        // Asking again, only to hear that there is nothing more, would cost half of what this costs.
        if count > 0 { return unsafe .bytes(Int(count), isAll: inputStart == inputEnd && SSL_has_pending(ssl) == 0) }
        switch unsafe SSL_get_error(ssl, count) {
        case SSL_ERROR_WANT_READ: return .needsInput
        case SSL_ERROR_ZERO_RETURN: return .ended
        default:
            hasFailed = true
            ERR_clear_error()
            return .failed
        }
    }

    /// Appends the records of `bytes` to the exchange's output.
    func write(_ bytes: UnsafeRawPointer, _ count: Int) -> Bool {
        if hasFailed { return false }
        if count == 0 { return true }
        noteActivity()
        ERR_clear_error()
        // Our BIO takes everything, so it is all or an error.
        if unsafe SSL_write(ssl, bytes, Int32(count)) == Int32(count) { return true }
        hasFailed = true
        ERR_clear_error()
        return false
    }

    /// Appends a close_notify (RFC 8446 §6.1), once.
    func sayFarewell() {
        guard !hasFailed else { return }
        ERR_clear_error()
        unsafe SSL_shutdown(ssl)
        ERR_clear_error()
    }

    /// What ALPN settled on; nil where the client offered nothing.
    var applicationProtocol: String? {
        var name: UnsafePointer<UInt8>?
        var count: UInt32 = 0
        unsafe SSL_get0_alpn_selected(ssl, &name, &count)
        guard let name = unsafe name, count > 0 else { return nil }
        return unsafe String(decoding: UnsafeBufferPointer(start: name, count: Int(count)), as: UTF8.self)
    }

    /// Whether a ticket spared the full handshake.
    var isResumed: Bool { unsafe SSL_session_reused(ssl) == 1 }
}
