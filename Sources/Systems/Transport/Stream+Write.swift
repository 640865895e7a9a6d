internal import CUV

extension Stream {
    /// Writes as much of `bytes` as the socket takes now.
    /// - Returns: how many bytes that were. The rest is for ``write(_:from:)``.
    public func writeNow(_ bytes: [UInt8], from offset: Int = 0) throws(TransportError) -> Int {
        check()
        if isClosed || isWriteAborted { throw .closed }
        if unsafe writer != nil { throw .busy }
        if offset == bytes.count { return 0 }
        if let tls { return try encryptNow(bytes, from: offset, tls) }
        let code = unsafe bytes.withUnsafeBytes { raw in
            var buffer = unsafe Self.buffer(UnsafeRawBufferPointer(rebasing: raw[offset...]))
            return unsafe uv_try_write(asStream, &buffer, 1)
        }
        return try Self.accepted(code)
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
        check()
        if isClosed || isWriteAborted { throw .closed }
        if unsafe writer != nil { throw .busy }
        if let tls { return try await encrypt(first, second, tls) }
        let code = unsafe first.withUnsafeBytes { first in
            unsafe second.withUnsafeBytes { second in
                var buffers = unsafe (Self.buffer(first), Self.buffer(second))
                return unsafe withUnsafeMutableBytes(of: &buffers) { raw in
                    unsafe uv_try_write(asStream, raw.baseAddress!.assumingMemoryBound(to: uv_buf_t.self), 2)
                }
            }
        }
        let written = try Self.accepted(code)
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
        guard !isClosed else { return }
        if tls != nil { sayFarewell() }
        let request = UnsafeMutablePointer<uv_shutdown_t>.allocate(capacity: 1)
        let code = unsafe uv_shutdown(request, asStream) { request, _ in unsafe request!.deallocate() }
        if code != 0 { unsafe request.deallocate() }
    }

    /// libuv owns the bytes until its callback, so what the socket did not take is copied.
    private func writeRest(_ bytes: [UInt8], from offset: Int) async throws(TransportError) {
        if isClosed { throw .closed }
        unsafe writingTask = withUnsafeCurrentTask { unsafe $0 }
        let code = unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Int32, Never>) in
            unsafe writer = continuation
            let pending = unsafe bytes.withUnsafeBytes { unsafe PendingWrite.make(UnsafeRawBufferPointer(rebasing: $0[offset...])) }
            let code = unsafe uv_write(&pending.pointee.request, asStream, &pending.pointee.buffer, 1) { request, status in
                let stream = unsafe streamOf(request!.pointee.handle.pointee.data)
                unsafe PendingWrite.free(request!)
                stream.resumeWriter(status)
            }
            if code != 0 {
                unsafe PendingWrite.free(&pending.pointee.request)
                resumeWriter(code)
            }
        }
        if code != 0 { throw TransportError(uv: code) }
    }

    static func buffer(_ bytes: UnsafeRawBufferPointer) -> uv_buf_t {
        // libuv only reads from a write buffer.
        unsafe uv_buf_t(base: UnsafeMutableRawPointer(mutating: bytes.baseAddress)?.assumingMemoryBound(to: CChar.self), len: bytes.count)
    }

    static func accepted(_ code: Int32) throws(TransportError) -> Int {
        if code >= 0 { return Int(code) }
        if code == UV_EAGAIN.rawValue { return 0 }
        throw TransportError(uv: code)
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
