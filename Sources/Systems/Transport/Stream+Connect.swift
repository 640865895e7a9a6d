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
        unsafe stream.writingTask = withUnsafeCurrentTask { unsafe $0 }
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
        stream.setNoDelay()
        return stream
    }

    /// Small messages go out at once: a request waits for its answer anyway (Nagle would only hold it back).
    func setNoDelay() { _ = unsafe uv_tcp_nodelay(tcp, 1) }
}
