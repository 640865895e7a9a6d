internal import CUV
internal import Glibc

/// The accepting side of one loop.
///
/// Soundness: its state is touched by the loop's thread only. libuv holds a retained reference from `start` to the close
/// callback.
@safe final class Acceptor: @unchecked Sendable {
    let loop: EventLoop
    private let socket: ListeningSocket
    private let backlog: Int
    private let accept: @Sendable (Stream) -> Void
    private let tcp: UnsafeMutablePointer<uv_tcp_t>
    private var isOpen = false

    init(loop: EventLoop, socket: ListeningSocket, backlog: Int, accept: @escaping @Sendable (Stream) -> Void) {
        self.loop = loop
        self.socket = socket
        self.backlog = backlog
        self.accept = accept
        unsafe tcp = .allocate(capacity: 1)
    }

    deinit { unsafe tcp.deallocate() }

    func start() async throws(TransportError) {
        let code = unsafe await withUnsafeContinuation { continuation in
            loop.execute { unsafe continuation.resume(returning: self.open()) }
        }
        if code != 0 { throw .system(code) }
    }

    private func open() -> Int32 {
        guard !loop.isStopping else {
            socket.close()
            return UV_ECANCELED.rawValue
        }
        unsafe uv_tcp_init(loop.uv, tcp)
        unsafe tcp.pointee.data = unsafe Unmanaged.passRetained(self).toOpaque()
        isOpen = true
        loop.acceptors.append(self)
        var code = unsafe uv_tcp_open(tcp, socket.descriptor)
        if code == 0 {
            code = unsafe uv_listen(asStream, Int32(backlog)) { handle, status in
                let acceptor = unsafe Unmanaged<Acceptor>.fromOpaque(handle!.pointee.data).takeUnretainedValue()
                if status == 0 { acceptor.acceptOne() }
            }
        } else {
            socket.close()
        }
        if code != 0 { close() }
        return code
    }

    private func acceptOne() {
        let stream = Stream(loop: loop, peer: .loopback(port: 0))
        guard unsafe uv_accept(asStream, stream.asStream) == 0 else { return stream.close() }
        var storage = sockaddr_storage()
        var length = Int32(MemoryLayout<sockaddr_storage>.size)
        let code = unsafe withUnsafeMutablePointer(to: &storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe uv_tcp_getpeername(stream.tcp, $0, &length) }
        }
        // A peer that has gone already has no name.
        guard code == 0, let peer = SocketAddress(storage) else { return stream.close() }
        stream.peerAddress = peer
        stream.didOpen()
        accept(stream)
    }

    func close() {
        guard isOpen else { return }
        isOpen = false
        loop.acceptors.removeAll { $0 === self }
        unsafe uv_close(UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_handle_t.self)) { handle in
            unsafe Unmanaged<Acceptor>.fromOpaque(handle!.pointee.data).release()
        }
    }

    private var asStream: UnsafeMutablePointer<uv_stream_t> {
        unsafe UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_stream_t.self)
    }
}
