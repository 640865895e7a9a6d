internal import CUV

/// An encrypted connection. Between socket and reader lies one step more, and between writer and socket; whoever uses the stream sees the same calls.
extension Stream {
    /// What is encrypted before the socket is tried: four records. So a long body is never there twice.
    private static let flight = 64 * 1024
    /// Records that a peer makes us write (alerts) and doesn't take: beyond, it is up to no good.
    private static let queuedAtMost = 256 * 1024

    /// The server's side of a handshake, to be done before anything else on the stream. The deadline bounds it.
    /// - Throws: ``TransportError/encryption(_:)`` with libssl's reason; the peer has been told by an alert.
    public func secure(with context: TLSServerContext) async throws(TransportError) {
        do throws(TransportError) {
            guard let session = TLSSession(context.current, exchange: loop.tls) else { throw .encryption("out of memory") }
            try await shakeHands(session)
            context.handshakes.noteEnd(isResumed: session.isResumed)
            begin(session)
        } catch {
            context.handshakes.noteFailure()
            throw error
        }
    }

    /// The client's side of a handshake with a server that must be `name`. The deadline bounds it. That the server refuses our own certificate comes to light only
    /// afterwards, with the first read (RFC 8446 §4.4.2.4).
    /// - Throws: ``TransportError/encryption(_:)`` with libssl's reason; the server has been told by an alert.
    public func secure(as context: TLSClientContext, to name: String) async throws(TransportError) {
        guard let session = TLSSession(context.current, name: name, exchange: loop.tls) else { throw .encryption("out of memory") }
        try await shakeHands(session)
        begin(session)
    }

    private func shakeHands(_ session: TLSSession) async throws(TransportError) {
        check()
        precondition(tls == nil, "a stream is encrypted once")
        while true {
            if isClosed { throw .closed }
            let (step, used) = unsafe session.handshake(base.map { unsafe UnsafeRawPointer($0 + head) }, unreadCount)
            head += used
            if head == tail { releaseBuffer() }
            let isSent = sendRecords()
            switch step {
            case .done:
                if !isSent { try await waitUntilSent() }
                return
            case .needsInput:
                if !isSent { try await waitUntilSent() }
                guard try await fill() else { throw .reset }
            case .failed(let reason): throw .encryption(reason)
            }
        }
    }

    /// What ALPN settled on; nil on a plain connection, and where the client offered nothing.
    public var applicationProtocol: String? { tls?.applicationProtocol }

    /// What has arrived behind the handshake is encrypted already.
    private func begin(_ session: TLSSession) {
        unsafe session.input = unsafe base
        session.inputStart = head
        session.inputEnd = tail
        unsafe base = nil
        head = 0
        tail = 0
        tls = session
        // What is there is decrypted when somebody asks; until then nothing may be read on top of it.
        if session.holdsInput { stopReading() }
    }

    // MARK: Reading

    /// Only read when all that came before has been decrypted, so the whole buffer is free.
    func inputBuffer(_ tls: TLSSession) -> UnsafeMutableRawPointer {
        let start = unsafe tls.input ?? loop.buffers.take()
        unsafe tls.input = unsafe start
        return unsafe start
    }

    func didReceiveEncrypted(_ count: Int, _ tls: TLSSession) {
        if count > 0 {
            tls.inputStart = 0
            tls.inputEnd = count
            let hasNew = decrypt(tls)
            // What waits inside comes out when somebody asks.
            if tls.holdsInput { stopReading() }
            if hasNew { didArrive() }
            return
        }
        giveBackInput(tls)
        if count == Int(UV_EOF.rawValue) { didFail(.truncated) } else { didNotReceive(count) }
    }

    /// Decrypts what has arrived, as much as there is room for.
    /// - Returns: whether there are new unread bytes. What else came to light (the end, a failure) is noted where it belongs.
    func decrypt(_ tls: TLSSession) -> Bool {
        let before = tail - head
        tls.mayHoldMore = false
        reading: while true {
            let start = unsafe makeRoom()
            guard tail < Self.capacity else {
                tls.mayHoldMore = true
                break
            }
            switch unsafe tls.read(into: start + tail, Self.capacity - tail) {
            case .bytes(let count, let isAll):
                tail += count
                if isAll { break reading }
            case .needsInput: break reading
            case .ended:
                giveUpInput(tls)
                sendUnasked()
                noteEnd(hasNew: tail - head > before)
                break reading
            case .failed:
                giveUpInput(tls)
                // The alert that says why.
                sendUnasked()
                didFail(.encryption("a record is not what it should be"))
                break reading
            }
        }
        giveBackInput(tls)
        if head == tail { releaseBuffer() }
        if loop.tls.outputCount > 0 { sendUnasked() }
        return tail - head > before
    }

    /// The last bytes and the end may come together: whoever waits is told of the bytes first.
    private func noteEnd(hasNew: Bool) {
        if hasNew {
            reachedEnd = true
            stopReading()
        } else {
            didEnd()
        }
    }

    private func giveUpInput(_ tls: TLSSession) {
        tls.inputStart = tls.inputEnd
    }

    private func giveBackInput(_ tls: TLSSession) {
        guard tls.inputStart == tls.inputEnd, let buffer = unsafe tls.input else { return }
        unsafe loop.buffers.giveBack(buffer)
        unsafe tls.input = nil
    }

    func releaseEncryption() {
        guard let tls else { return }
        giveUpInput(tls)
        giveBackInput(tls)
        self.tls = nil
    }

    // MARK: Writing

    /// Encrypts and sends as much as the socket takes now. A piece that is encrypted but not yet out counts as not written: who goes on, goes on with the same bytes.
    /// - Returns: how many bytes are out.
    func encryptNow(_ bytes: [UInt8], from offset: Int, _ tls: TLSSession) throws(TransportError) -> Int {
        guard queuedWrites == 0 else { return 0 }
        var position = offset + tls.encryptedAhead
        precondition(position <= bytes.count, "a write that was cut off goes on with the same bytes")
        tls.encryptedAhead = 0
        while position < bytes.count {
            let count = min(Self.flight, bytes.count - position)
            try encrypt(bytes, position..<position + count, tls)
            guard sendRecords() else {
                if isWriteAborted { throw .reset }
                tls.encryptedAhead = count
                break
            }
            position += count
        }
        return position - offset
    }

    /// A posted message is shorter than a flight; what the socket doesn't take of its records is queued.
    func encryptPosted(_ bytes: [UInt8]) {
        guard let tls else { return }
        do throws(TransportError) {
            try encrypt(bytes, 0..<bytes.count, tls)
            _ = sendRecords()
        } catch {
            // Noted: nothing can be written any more.
        }
    }

    func encryptRest(_ bytes: [UInt8], from offset: Int) async throws(TransportError) {
        var position = offset
        while position < bytes.count {
            try await waitUntilSent()
            position += try writeNow(bytes, from: position)
        }
    }

    /// Head and body in one flight where they are short, so that they leave in one packet.
    func encrypt(_ first: [UInt8], _ second: [UInt8], _ tls: TLSSession) async throws(TransportError) {
        guard queuedWrites == 0, tls.encryptedAhead == 0, first.count < Self.flight else {
            try await write(first)
            return try await write(second)
        }
        try encrypt(first, 0..<first.count, tls)
        let together = min(second.count, Self.flight - first.count)
        try encrypt(second, 0..<together, tls)
        if !sendRecords() {
            if isWriteAborted { throw .reset }
            try await waitUntilSent()
        }
        if together < second.count { try await write(second, from: together) }
    }

    private func encrypt(_ bytes: [UInt8], _ range: Range<Int>, _ tls: TLSSession) throws(TransportError) {
        if range.isEmpty { return }
        let isEncrypted = unsafe bytes.withUnsafeBytes { raw in unsafe tls.write(raw.baseAddress! + range.lowerBound, range.count) }
        guard isEncrypted else {
            loop.tls.clearOutput()
            isWriteAborted = true
            throw .encryption("a record could not be made")
        }
    }

    /// Sends the records that libssl has made; what the socket doesn't take is copied and queued.
    /// - Returns: whether all of it is out.
    private func sendRecords() -> Bool {
        let exchange = loop.tls
        let count = exchange.outputCount
        if count == 0 { return queuedWrites == 0 }
        defer { exchange.clearOutput() }
        let records = unsafe UnsafeRawBufferPointer(start: exchange.output, count: count)
        // Behind what libuv still holds, or it would stand in the middle of a record.
        let code = queuedWrites == 0 ? unsafe sendNow(records) : Int(UV_EAGAIN.rawValue)
        if code == count { return true }
        guard code >= 0 || code == Int(UV_EAGAIN.rawValue) else {
            isWriteAborted = true
            return false
        }
        unsafe queue(UnsafeRawBufferPointer(rebasing: records[max(0, code)...]))
        return false
    }

    /// What libssl writes on its own account: alerts. Nobody waits for it, so it is bounded.
    private func sendUnasked() {
        _ = sendRecords()
        if unsafe uv_stream_get_write_queue_size(asStream) > Self.queuedAtMost { didFail(.encryption("the peer takes nothing")) }
    }

    /// A close_notify, unless a write was cut off: then the peer must not take what it has for the whole.
    func sayFarewell() {
        guard let tls, !isClosed, !isWriteAborted, queuedWrites == 0 else { return }
        tls.sayFarewell()
        _ = sendRecords()
    }
}
