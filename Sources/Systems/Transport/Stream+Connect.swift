internal import CUV
internal import Glibc

extension Stream {
    /// Connects to `address` from the given loop (to be called on it).
    /// - Parameter deadline: on the loop's clock; 0 is never.
    public static func connect(to address: SocketAddress, on loop: EventLoop, deadline: UInt64 = 0) async throws(TransportError) -> Stream {
        precondition(loop.isCurrent, "a stream is used on its own loop only")
        if loop.isStopping { throw .closed }
        let stream = Stream(loop: loop, peer: address)
        stream.deadline = deadline
        stream.writingTask = WaitingTask.current
        let code = unsafe await withUnsafeContinuation { (continuation: UnsafeContinuation<Int32, Never>) in
            unsafe stream.writer = continuation
            let request = UnsafeMutablePointer<uv_connect_t>.allocate(capacity: 1)
            let code = unsafe address.withStorage { address, _ in
                unsafe uv_tcp_connect(request, stream.tcp, address) { request, status in
                    let stream = unsafe streamOf(request!.pointee.handle.pointee.data)
                    unsafe request!.deallocate()
                    stream.resumeWriter(status)
                }
            }
            if code != 0 {
                unsafe request.deallocate()
                stream.resumeWriter(code)
            }
        }
        stream.deadline = 0
        guard code == 0 else {
            stream.close()
            throw TransportError(uv: code)
        }
        stream.didOpen()
        return stream
    }

    /// The connection stands.
    func didOpen() {
        // Small messages go out at once: a request waits for its answer anyway (Nagle would only hold it back).
        _ = unsafe uv_tcp_nodelay(tcp, 1)
        // It fails for handles without a descriptor only, and then `send` and `recv` say so.
        var number: Int32 = -1
        _ = unsafe uv_fileno(UnsafeMutableRawPointer(tcp).assumingMemoryBound(to: uv_handle_t.self), &number)
        descriptor = number
    }
}
