internal import CUV

/// Tells when a descriptor that belongs to somebody else (an eventfd of a C library, say) can be read.
///
/// Soundness: its state is touched by the loop's thread only. libuv holds a retained reference until the close callback.
@safe public final class DescriptorWatch: @unchecked Sendable {
    public let loop: EventLoop
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private var waiting: UnsafeContinuation<Bool, Never>?
    private var isOpen = false

    /// Starts watching. To be called on the loop. The descriptor must stay open until ``close()``.
    public init(_ descriptor: Int32, on loop: EventLoop) throws(TransportError) {
        precondition(loop.isCurrent, "a descriptor is watched on the loop")
        self.loop = loop
        unsafe poll = .allocate(capacity: 1)
        if loop.isStopping { throw .closed }
        let code = unsafe uv_poll_init(loop.uv, poll, descriptor)
        if code != 0 { throw TransportError(uv: code) }
        unsafe poll.pointee.data = unsafe Unmanaged.passRetained(self).toOpaque()
        isOpen = true
        loop.watches.append(self)
    }

    deinit { unsafe poll.deallocate() }

    /// Waits until the descriptor can be read. The caller then reads it empty before it waits again.
    /// - Returns: false when the watch was closed.
    public func readable() async -> Bool {
        precondition(loop.isCurrent, "a descriptor is watched on the loop")
        guard isOpen else { return false }
        unsafe precondition(waiting == nil, "one task waits for a descriptor")
        return unsafe await withUnsafeContinuation { continuation in
            unsafe waiting = continuation
            // One shot: a level-triggered watch would spin until the reader's task has run.
            unsafe uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { handle, _, _ in
                let watch = unsafe Unmanaged<DescriptorWatch>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
                unsafe uv_poll_stop(watch.poll)
                watch.resume(true)
            }
        }
    }

    /// Lets whoever waits look at the descriptor now, readable or not.
    public func nudge() {
        precondition(loop.isCurrent, "a descriptor is watched on the loop")
        guard isOpen else { return }
        unsafe uv_poll_stop(poll)
        resume(true)
    }

    /// Ends the watch; harmless when repeated. The descriptor stays the caller's.
    public func close() {
        precondition(loop.isCurrent, "a descriptor is watched on the loop")
        guard isOpen else { return }
        isOpen = false
        loop.watches.removeAll { $0 === self }
        unsafe uv_poll_stop(poll)
        resume(false)
        unsafe uv_close(UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<DescriptorWatch>.fromOpaque(handle!.pointee.data).release()
        }
    }

    private func resume(_ readable: Bool) {
        guard let continuation = unsafe waiting else { return }
        unsafe waiting = nil
        unsafe continuation.resume(returning: readable)
    }
}
