internal import CUV
internal import Glibc

/// A TCP connection on one event loop.
///
/// It is to be used on its loop only (each call checks), by code that lives there: an ``OnLoop`` actor, a task from
/// ``EventLoop/spawn(name:_:)``. Reads go through one bounded buffer: wait with ``fill()``, look with ``withUnread(_:)``, take
/// away with ``consume(_:)``. When the buffer holds more than a quarter of what fits, the socket is not read any further.
///
/// Soundness: all state is touched by the loop's thread only (`precondition` in every public entry). libuv holds a retained
/// reference from `uv_tcp_init` to the close callback, and the handle's memory is freed there.
@safe public final class Stream: @unchecked Sendable {
    public let loop: EventLoop
    let tcp: UnsafeMutablePointer<uv_tcp_t>
    var slot = -1
    /// The socket, open as long as the stream is.
    var descriptor: Int32 = -1

    /// What stands between the socket and the unread bytes where the connection is encrypted; see `TLS/Stream+TLS`.
    var tls: TLSSession?
    var base: UnsafeMutableRawPointer?
    var head = 0
    var tail = 0
    private var isReading = false
    /// What the last try to read brought: how many bytes, or libuv's error code.
    private var received = 0
    /// The tasks that wait, so that the tick can see whether they have been cancelled.
    private var readingTask: WaitingTask?
    var writingTask: WaitingTask?
    private var ended: TransportError?
    var reachedEnd = false
    private var wasClosed = false

    private var reader: UnsafeContinuation<Arrival, Never>?
    var writer: UnsafeContinuation<Int32, Never>?
    /// A write was given up half-way: nothing may follow it.
    var isWriteAborted = false
    /// Writes that libuv holds. Whoever waits, waits for all of them.
    var queuedWrites = 0
    /// Bytes that go out before the loop waits again.
    // An access ends before any other begins: each is one read or one write of the array, or an append to it, which calls nothing of ours.
    @exclusivity(unchecked) var posted: [UInt8] = []

    /// When, on the loop's clock (``EventLoop/now``), waiting operations fail with ``TransportError/deadline``; 0 is never.
    /// Late by up to a tenth of a second.
    public var deadline: UInt64 {
        get { dueAt }
        set { dueAt = newValue }
    }

    /// Told on the loop what happens while nobody waits on the stream.
    public var onEvent: ((StreamEvent) -> Void)?

    // What others read is stored apart from what they see of it: only where every access is in this module does the compiler know that none of them
    // overlaps another, and leaves out the checks that it would make at each of them while the program runs.
    private var dueAt: UInt64 = 0
    var peerAddress: SocketAddress

    /// The other end's address.
    public var peer: SocketAddress { peerAddress }
    /// Whether we have closed it.
    public var isClosed: Bool { wasClosed }

    /// The most bytes that can be unread at once.
    public static var capacity: Int { BufferPool.bufferSize }
    static let pauseAt = BufferPool.bufferSize / 4

    init(loop: EventLoop, peer: SocketAddress) {
        self.loop = loop
        peerAddress = peer
        unsafe tcp = .allocate(capacity: 1)
        unsafe uv_tcp_init(loop.uv, tcp)
        unsafe tcp.pointee.data = unsafe Unmanaged.passRetained(self).toOpaque()
        loop.streams.insert(self)
    }

    deinit { unsafe tcp.deallocate() }

    @inline(__always) func check() { precondition(loop.isCurrent, "a stream is used on its own loop only") }

    // MARK: Reading

    /// The number of bytes that have arrived and were not consumed.
    public var unreadCount: Int { tail - head }

    /// Whether the peer has ended its direction (there may still be unread bytes).
    public var isHalfClosed: Bool { reachedEnd }

    /// What a wait ended with. More may have happened until the task runs: bytes, then the end.
    @usableFromInline
    enum Arrival: Sendable {
        case bytes
        case end
        case failure(TransportError)
    }

    /// Waits for bytes beyond those already unread.
    /// - Returns: false when the peer has ended its direction and no more will come.
    ///
    /// Inlined into its callers: a function that waits costs them a way to its executor and one back.
    @inlinable @inline(__always)
    public func fill() async throws(TransportError) -> Bool {
        if let known = try beginFill() { return known }
        let arrival = unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Arrival, Never>) in
            unsafe keep(continuation)
        }
        switch arrival {
        case .bytes: return true
        case .end: return false
        case .failure(let error): throw error
        }
    }

    /// - Returns: what ``fill()`` does without waiting; nil if it has to.
    @usableFromInline
    func beginFill() throws(TransportError) -> Bool? {
        check()
        if isClosed { throw .closed }
        if let ended { throw ended }
        if reachedEnd { return false }
        if unsafe reader != nil { throw .busy }
        if unreadCount == Self.capacity { throw .bufferFull }
        if let tls, tls.holdsInput {
            if decrypt(tls) { return true }
            if let ended { throw ended }
            if reachedEnd { return false }
        }
        startReading()
        // It may have failed at once, when nobody was there yet to be told.
        if let ended { throw ended }
        readingTask = WaitingTask.current
        return nil
    }

    @usableFromInline
    func keep(_ continuation: UnsafeContinuation<Arrival, Never>) { unsafe reader = continuation }

    /// Lends the unread bytes.
    @inline(__always)
    public func withUnread<R: ~Copyable, E: Error>(_ body: (Span<UInt8>) throws(E) -> R) throws(E) -> R {
        check()
        guard let base = unsafe base else { return try body(Span()) }
        let bytes = unsafe UnsafeRawBufferPointer(start: base + head, count: tail - head)
        return try unsafe body(Span<UInt8>(_unsafeBytes: bytes))
    }

    /// Takes the first `count` unread bytes away.
    public func consume(_ count: Int) {
        check()
        precondition(count >= 0 && count <= unreadCount)
        head += count
        if head == tail { releaseBuffer() }
        if !isReading, unreadCount < Self.pauseAt, !reachedEnd, ended == nil, !isClosed { startReading() }
    }

    func releaseBuffer() {
        head = 0
        tail = 0
        guard let buffer = unsafe base else { return }
        unsafe loop.buffers.giveBack(buffer)
        unsafe base = nil
    }

    /// Starts watching the socket, so that a peer that goes away is noticed also while nobody waits in ``fill()``.
    public func startReading() {
        check()
        guard !isReading, !isClosed, !reachedEnd, ended == nil, unreadCount < Self.capacity, tls?.holdsInput != true else { return }
        isReading = true
        let code = unsafe uv_read_start(
            asStream,
            { handle, _, buffer in
                unsafe buffer!.pointee = uv_buf_t()
                unsafe withStream(handle!.pointee.data) { $0.receive() }
            },
            { handle, _, _ in unsafe withStream(handle!.pointee.data) { $0.didReceive() } })
        if code != 0 { didFail(TransportError(uv: code)) }
    }

    func stopReading() {
        guard isReading else { return }
        isReading = false
        unsafe uv_read_stop(asStream)
    }

    /// Called where libuv asks for a buffer: the bytes are taken here. libuv, which gets no buffer, calls back that it has none, and that is where they are
    /// looked at. (It would read with `read`, which asks the kernel to look at files' permissions and positions first.)
    private func receive() {
        if let tls {
            received = unsafe take(into: inputBuffer(tls), BufferPool.bufferSize)
        } else {
            let start = unsafe makeRoom()
            received = unsafe take(into: start + tail, Self.capacity - tail)
        }
    }

    /// - Returns: how many bytes came, or libuv's error code.
    private func take(into buffer: UnsafeMutableRawPointer, _ room: Int) -> Int {
        let count = unsafe recv(descriptor, buffer, room, Int32(MSG_DONTWAIT))
        if count > 0 { return count }
        return count == 0 ? Int(UV_EOF.rawValue) : -Int(errno)
    }

    /// The buffer, with room at its end.
    func makeRoom() -> UnsafeMutableRawPointer {
        let start = unsafe base ?? loop.buffers.take()
        unsafe base = unsafe start
        if head > 0, Self.capacity - tail < Self.pauseAt {
            unsafe start.copyMemory(from: start + head, byteCount: tail - head)
            tail -= head
            head = 0
        }
        return unsafe start
    }

    private func didReceive() {
        let count = received
        if let tls { return didReceiveEncrypted(count, tls) }
        if count > 0 {
            tail += count
            didArrive()
            return
        }
        if head == tail { releaseBuffer() }
        if count == Int(UV_EOF.rawValue) { didEnd() } else { didNotReceive(count) }
    }

    func didNotReceive(_ code: Int) {
        // Nothing to read after all.
        if code == Int(UV_EAGAIN.rawValue) || code == Int(UV_EINTR.rawValue) { return }
        didFail(TransportError(uv: Int32(truncatingIfNeeded: code)))
    }

    func didArrive() {
        if unreadCount >= Self.pauseAt { stopReading() }
        resumeReader(.bytes)
    }

    func didEnd() {
        reachedEnd = true
        stopReading()
        if unsafe reader != nil { resumeReader(.end) } else { onEvent?(.halfClosed) }
    }

    func didFail(_ error: TransportError) {
        ended = error
        stopReading()
        if unsafe reader != nil { resumeReader(.failure(error)) } else { onEvent?(.reset) }
    }

    private func resumeReader(_ arrival: Arrival) {
        guard let waiting = unsafe reader else { return }
        unsafe reader = nil
        readingTask = nil
        unsafe waiting.resume(returning: arrival)
    }

    // MARK: Ending

    /// Called ten times a second. A cancelled waiter is told here, because a handler around each wait would cost more than
    /// all else in it. A task that waits can't end, so its handle is good; and to ask whether it is cancelled is allowed
    /// from anywhere.
    func checkWaiters(now: UInt64) {
        if let tls { tls.tick() }
        if let task = readingTask, task.isCancelled { resumeReader(.failure(.cancelled)) }
        if let task = writingTask, task.isCancelled { abortWrite(UV_EINTR.rawValue) }
        guard deadline != 0, now >= deadline else { return }
        if unsafe reader == nil && writer == nil {
            deadline = 0
            onEvent?(.deadline)
            return
        }
        resumeReader(.failure(.deadline))
        abortWrite(UV_ETIMEDOUT.rawValue)
    }

    private func abortWrite(_ code: Int32) {
        guard unsafe writer != nil else { return }
        isWriteAborted = true
        resumeWriter(code)
    }

    func resumeWriter(_ code: Int32) {
        guard let waiting = unsafe writer else { return }
        unsafe writer = nil
        writingTask = nil
        unsafe waiting.resume(returning: code)
    }

    /// Closes both directions at once. Whoever waits gets ``TransportError/closed``. Harmless when repeated.
    public func close() {
        sendPosted()
        if tls != nil { sayFarewell() }
        guard end() else { return }
        unsafe uv_close(UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<Stream>.fromOpaque(handle!.pointee.data).release()
        }
    }

    /// Closes with a reset rather than an orderly end: the peer learns that nobody will read what it still sends.
    public func reset() {
        guard end() else { return }
        let code = unsafe uv_tcp_close_reset(tcp) { handle in
            unsafe Unmanaged<Stream>.fromOpaque(handle!.pointee.data).release()
        }
        if code == 0 { return }
        // A connection that is being shut down can't be reset.
        unsafe uv_close(UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<Stream>.fromOpaque(handle!.pointee.data).release()
        }
    }

    private func end() -> Bool {
        check()
        guard !isClosed else { return false }
        wasClosed = true
        descriptor = -1
        isReading = false
        onEvent = nil
        loop.streams.remove(self)
        unsafe posted = []
        releaseBuffer()
        releaseEncryption()
        // Nothing ticks any more to trim them.
        if loop.streams.all.isEmpty { unsafe loop.buffers.clear() }
        resumeReader(.failure(.closed))
        resumeWriter(UV_ECANCELED.rawValue)
        return true
    }

    var asStream: UnsafeMutablePointer<uv_stream_t> { unsafe UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_stream_t.self) }
}

/// Lends the stream a libuv callback belongs to; as below, and without a reference of its own, which each read would pay for.
func withStream(_ data: UnsafeMutableRawPointer?, _ body: (Stream) -> Void) {
    unsafe Unmanaged<Stream>.fromOpaque(data!)._withUnsafeGuaranteedRef(body)
}

/// The stream a libuv callback belongs to; libuv's reference keeps it alive until the close callback.
func streamOf(_ data: UnsafeMutableRawPointer?) -> Stream {
    unsafe Unmanaged<Stream>.fromOpaque(data!).takeUnretainedValue()
}
