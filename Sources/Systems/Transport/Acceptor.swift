internal import CUV
internal import Glibc

/// The accepting side of one loop.
///
/// It accepts by itself, on a watch of its socket. libuv's own listener, once no descriptor is left, tries again at once and for ever, and the loop never comes to
/// close the connections that would give some back. This one pauses, and leaves descriptors to everything else that needs some.
///
/// Soundness: its state is touched by the loop's thread only. libuv holds a retained reference from `start` to the close
/// callback.
@safe final class Acceptor: @unchecked Sendable {
    /// Connections that are accepted before those there are get their turn.
    private static let together = 64
    private static let pauseMilliseconds: UInt64 = 100
    let loop: EventLoop
    private let socket: ListeningSocket
    /// The kernel hands out the lowest descriptor there is: a connection's that is as high as this says that few are left.
    private let firstReserved: Int32
    private let accept: @Sendable (Stream) -> Void
    private let paused: @Sendable () -> Void
    private let poll: UnsafeMutablePointer<uv_poll_t>
    private var isOpen = false

    init(
        loop: EventLoop, socket: ListeningSocket, firstReserved: Int32, accept: @escaping @Sendable (Stream) -> Void,
        paused: @escaping @Sendable () -> Void
    ) {
        self.loop = loop
        self.socket = socket
        self.firstReserved = firstReserved
        self.accept = accept
        self.paused = paused
        unsafe poll = .allocate(capacity: 1)
    }

    deinit { unsafe poll.deallocate() }

    func start() async throws(TransportError) {
        let code = unsafe await withUnsafeContinuation { continuation in
            loop.execute { unsafe continuation.resume(returning: self.open()) }
        }
        if code != 0 { throw .system(code) }
    }

    private func open() -> Int32 {
        let code = loop.isStopping ? UV_ECANCELED.rawValue : unsafe uv_poll_init(loop.uv, poll, socket.descriptor)
        guard code == 0 else {
            socket.close()
            return code
        }
        unsafe poll.pointee.data = unsafe Unmanaged.passRetained(self).toOpaque()
        isOpen = true
        loop.acceptors.append(self)
        let started = watch()
        if started != 0 { close() }
        return started
    }

    private func watch() -> Int32 {
        unsafe uv_poll_start(poll, Int32(UV_READABLE.rawValue)) { handle, status, _ in
            let acceptor = unsafe Unmanaged<Acceptor>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
            if status == 0 { acceptor.acceptWaiting() } else { acceptor.pause() }
        }
    }

    private func acceptWaiting() {
        for _ in 0..<Self.together where isOpen {
            var storage = sockaddr_storage()
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let descriptor = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe accept4(socket.descriptor, $0, &length, Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue))
                }
            }
            if descriptor >= 0 {
                begin(descriptor, from: storage)
                // This one has come, and is served; those behind it wait.
                if descriptor >= firstReserved { return pause() }
                continue
            }
            switch errno {
            case EAGAIN: return
            // What happened to that one connection: the next is another (accept(2)).
            case EINTR, ECONNABORTED, EPROTO, ENOPROTOOPT, EOPNOTSUPP, ENETDOWN, ENETUNREACH, EHOSTDOWN, EHOSTUNREACH, ENONET: continue
            default: return pause()
            }
        }
    }

    private func begin(_ descriptor: Int32, from storage: sockaddr_storage) {
        guard let peer = SocketAddress(storage) else {
            Glibc.close(descriptor)
            return
        }
        let stream = Stream(loop: loop, peer: peer)
        guard unsafe uv_tcp_open(stream.tcp, descriptor) == 0 else {
            Glibc.close(descriptor)
            return stream.close()
        }
        stream.didOpen()
        accept(stream)
    }

    /// Those who wait to be accepted, wait in the socket's backlog.
    private func pause() {
        unsafe uv_poll_stop(poll)
        paused()
        goOnLater()
    }

    private func goOnLater() {
        _ = loop.schedule(afterMilliseconds: Self.pauseMilliseconds) { [self] in
            guard isOpen, !loop.isStopping else { return }
            guard hasRoom else { return goOnLater() }
            if watch() != 0 { goOnLater() }
        }
    }

    /// Whether the next connection's descriptor would not be a reserved one.
    private var hasRoom: Bool {
        let next = dup(socket.descriptor)
        if next >= 0 { Glibc.close(next) }
        return next >= 0 && next < firstReserved
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        loop.acceptors.removeAll { $0 === self }
        unsafe uv_poll_stop(poll)
        // libuv allows it as soon as the watch has stopped.
        socket.close()
        unsafe uv_close(UnsafeMutableRawPointer(poll).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<Acceptor>.fromOpaque(handle!.pointee.data).release()
        }
    }
}
