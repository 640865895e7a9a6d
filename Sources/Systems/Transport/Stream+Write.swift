internal import CUV
internal import Glibc

extension Stream {
    /// Writes as much of `bytes` as the socket takes now.
    /// - Returns: how many bytes that were. The rest is for ``write(_:from:)``.
    public func writeNow(_ bytes: [UInt8], from offset: Int = 0) throws(TransportError) -> Int {
        try checkWritable()
        if offset == bytes.count { return 0 }
        if let tls { return try encryptNow(bytes, from: offset, tls) }
        if queuedWrites > 0 { return 0 }
        let count = unsafe bytes.withUnsafeBytes { unsafe sendNow(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
        return try Self.accepted(count)
    }

    /// Hands over a short message that leaves before the loop waits again, together with those of other streams. Whether it could be sent shows when the
    /// stream is read, or written to again.
    /// - Returns: false if the peer hasn't taken the last one yet: then nothing was handed over, and ``write(_:from:)`` waits for it.
    public func post(_ bytes: [UInt8]) throws(TransportError) -> Bool {
        check()
        if isClosed || isWriteAborted { throw .closed }
        if unsafe writer != nil { throw .busy }
        // A peer that sends many requests at once gets their answers in pieces of this size.
        if unsafe posted.count + bytes.count > Self.postedAtMost { sendPosted() }
        if queuedWrites > 0 { return false }
        guard unsafe posted.isEmpty else {
            unsafe posted.append(contentsOf: bytes)
            return true
        }
        unsafe posted = bytes
        loop.sendSoon(self)
        return true
    }

    private static let postedAtMost = 16 * 1024

    /// Whether the socket still has to take something that was handed over.
    public var hasUnsent: Bool { unsafe !posted.isEmpty || queuedWrites > 0 }

    func sendPosted() {
        if unsafe posted.isEmpty { return }
        let bytes = unsafe posted
        unsafe posted = []
        if tls != nil { return encryptPosted(bytes) }
        unsafe bytes.withUnsafeBytes { raw in
            let count = unsafe sendNow(raw)
            guard count >= 0 || count == UV_EAGAIN.rawValue else {
                // The peer has gone, which the reader learns from the socket.
                isWriteAborted = true
                return
            }
            if count < raw.count { unsafe queue(UnsafeRawBufferPointer(rebasing: raw[max(0, count)...])) }
        }
    }

    private func checkWritable() throws(TransportError) {
        check()
        if unsafe !posted.isEmpty { sendPosted() }
        if isClosed || isWriteAborted { throw .closed }
        if unsafe writer != nil { throw .busy }
    }

    /// libuv holds no write of ours, so what is sent past it is in order. `send` spares what `write`, which libuv calls, does for files.
    /// - Returns: the number of bytes sent, or libuv's error code.
    func sendNow(_ bytes: UnsafeRawBufferPointer) -> Int {
        let count = unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT))
        if count >= 0 { return count }
        return errno == EINTR ? Int(UV_EAGAIN.rawValue) : -Int(errno)
    }

    /// Writes all of `bytes` from `offset`; suspends only when the socket takes no more (which is the back-pressure).
    /// After an error, a part may have been written: close the stream.
    public func write(_ bytes: [UInt8], from offset: Int = 0) async throws(TransportError) {
        let written = try writeNow(bytes, from: offset) + offset
        if tls != nil { return try await encryptRest(bytes, from: written) }
        if written < bytes.count { try await writeRest(bytes, from: written) }
    }

    /// Writes `first`, then `second`, in one system call where the socket takes them.
    public func write(_ first: [UInt8], _ second: [UInt8]) async throws(TransportError) {
        try checkWritable()
        if let tls { return try await encrypt(first, second, tls) }
        if queuedWrites > 0 {
            try await write(first)
            return try await write(second)
        }
        let code = unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                var buffers = unsafe (Self.buffer(first), Self.buffer(second))
                return unsafe withUnsafeMutableBytes(of: &buffers) { raw in
                    unsafe uv_try_write(asStream, raw.baseAddress!.assumingMemoryBound(to: uv_buf_t.self), 2)
                }
            }
        }
        let written = try Self.accepted(Int(code))
        if written < first.count {
            try await writeRest(first, from: written)
            try await write(second)
        } else if written < first.count + second.count {
            try await writeRest(second, from: written - first.count)
        }
    }

    /// Ends our direction; the peer may still send. Everything written before is sent first.
    public func shutdownWrite() {
        check()
        sendPosted()
        guard !isClosed else { return }
        if tls != nil { sayFarewell() }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        let code = unsafe uv_shutdown(request, asStream) { request, _ in unsafe request!.deallocate() }
        if code != 0 { unsafe request.deallocate() }
    }

    /// Piece by piece, since libuv has a copy of what it waits with.
    private func writeRest(_ bytes: [UInt8], from offset: Int) async throws(TransportError) {
        var position = offset
        while position < bytes.count {
            if isClosed { throw .closed }
            let end = min(bytes.count, position + Self.queuedAtMost)
            unsafe bytes.withUnsafeBytes { unsafe queue(UnsafeRawBufferPointer(rebasing: $0[position..<end])) }
            try await waitUntilSent()
            position = end
        }
    }

    private static let queuedAtMost = 256 * 1024

    static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        // libuv only reads from a write buffer.
        unsafe uv_buf_t(base: UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self), len: bytes.count)
    }

    /// Has libuv send the bytes when the socket takes them. It owns them until its callback, so they are copied.
    func queue(_ bytes: UnsafeRawBufferPointer) {
        let pending = unsafe PendingWrite.make(bytes)
        queuedWrites += 1
        let code = unsafe uv_write(&pending.pointee.request, asStream, &pending.pointee.buffer, 1) { request, status in
            let stream = unsafe streamOf(request!.pointee.handle.pointee.data)
            unsafe PendingWrite.free(request!)
            stream.didSendQueued(status)
        }
        if code != 0 {
            unsafe PendingWrite.free(&pending.pointee.request)
            didSendQueued(code)
        }
    }

    private func didSendQueued(_ status: Int32) {
        queuedWrites -= 1
        if status != 0 { isWriteAborted = true }
        if queuedWrites == 0 || status != 0 { resumeWriter(status) }
    }

    /// Waits until libuv holds none of the stream's bytes.
    func waitUntilSent() async throws(TransportError) {
        if isClosed || isWriteAborted { throw .closed }
        if queuedWrites == 0 { return }
        writingTask = WaitingTask.current
        let code = unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Int32, Never>) in unsafe writer = continuation }
        if code != 0 { throw TransportError(uv: code) }
    }

    private static func accepted(_ count: Int) throws(TransportError) -> Int {
        if count >= 0 { return count }
        if count == UV_EAGAIN.rawValue { return 0 }
        throw TransportError(uv: Int32(truncatingIfNeeded: count))
    }
}

/// A write that libuv still holds. The request comes first, so its address is the whole's.
@safe struct PendingWrite {
    var request = unsafe uv_write_t()
    var buffer: uv_buf_t

    static func make(_ bytes: UnsafeRawBufferPointer) -> UnsafeMutablePointer<PendingWrite> {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes.count, alignment: 1)
        unsafe copy.copyMemory(from: bytes)
        let pending = UnsafeMutablePointer<PendingWrite>.allocate(capacity: 1)
        let raw = unsafe copy.baseAddress?.assumingMemoryBound(to: CChar.self)
        unsafe pending.initialize(to: PendingWrite(buffer: uv_buf_t(base: raw, len: bytes.count)))
        return unsafe pending
    }

    static func free(_ request: UnsafeMutablePointer<uv_write_t>) {
        let pending = unsafe UnsafeMutableRawPointer(request).assumingMemoryBound(to: PendingWrite.self)
        unsafe pending.pointee.buffer.base?.deallocate()
        unsafe pending.deallocate()
    }
}
