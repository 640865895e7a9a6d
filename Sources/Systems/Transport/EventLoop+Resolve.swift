internal import CUV
internal import Glibc

extension EventLoop {
    /// The addresses of a host name (or of a numeric address, without asking anybody), in the system's order of preference.
    /// May be called from anywhere; the look-up runs on libuv's thread pool, where the system's resolver takes as long as it likes.
    /// - Parameter deadline: in the loop's milliseconds, until when an answer is waited for; nil for ever.
    public func resolve(host: String, port: UInt16, deadline: UInt64? = nil) async throws(TransportError) -> [SocketAddress] {
        if let numeric = SocketAddress(host: host, port: port) { return [numeric] }
        let found = unsafe await withUnsafeContinuation { continuation in
            execute { unsafe Lookup.start(host, on: self, deadline: deadline, continuation) }
        }
        guard let addresses = found else { throw .deadline }
        if addresses.isEmpty { throw .unknownHost(host) }
        return addresses.map { $0.with(port: port) }
    }
}

/// One look-up that libuv holds. Soundness: made on the loop, freed by the callback, which libuv calls exactly once.
@safe private final class Lookup {
    typealias Answer = UnsafeContinuation<[SocketAddress]?, Never>

    private let loop: EventLoop
    /// Nil once it has been resumed.
    private var continuation: Answer?
    private var timer: UInt64?
    private let request: UnsafeMutablePointer<uv_getaddrinfo_t>

    private init(on loop: EventLoop, _ continuation: Answer) {
        self.loop = loop
        unsafe self.continuation = continuation
        unsafe request = .allocate(capacity: 1)
    }

    deinit { unsafe request.deallocate() }

    static func start(_ host: String, on loop: EventLoop, deadline: UInt64?, _ continuation: Answer) {
        guard !loop.isStopping else { return unsafe continuation.resume(returning: []) }
        let lookup = unsafe Lookup(on: loop, continuation)
        let held = unsafe Unmanaged.passRetained(lookup)
        unsafe lookup.request.pointee.data = unsafe held.toOpaque()
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        let code = unsafe uv_getaddrinfo(
            loop.uv, lookup.request,
            { request, _, list in
                let lookup = unsafe Unmanaged<Lookup>.fromOpaque(request!.pointee.data).takeRetainedValue()
                unsafe lookup.finish(list)
            }, host, nil, &hints)
        guard code == 0 else {
            unsafe held.release()
            return lookup.answer([])
        }
        if let deadline {
            lookup.timer = loop.schedule(afterMilliseconds: deadline - min(deadline, loop.now)) {
                lookup.timer = nil
                // One that has not begun begins no more; its callback is called in any case.
                unsafe uv_cancel(UnsafeMutableRawPointer(lookup.request).assumingMemoryBound(to: uv_req_t.self))
                lookup.answer(nil)
            }
        }
    }

    private func answer(_ addresses: [SocketAddress]?) {
        if let timer = timer.take() { loop.cancelTimer(timer) }
        unsafe continuation.take()?.resume(returning: addresses)
    }

    private func finish(_ list: UnsafeMutablePointer<addrinfo>?) {
        var addresses: [SocketAddress] = []
        var next = unsafe list
        while let entry = unsafe next {
            var storage = sockaddr_storage()
            let length = min(Int(unsafe entry.pointee.ai_addrlen), MemoryLayout<sockaddr_storage>.size)
            unsafe withUnsafeMutableBytes(of: &storage) { bytes in
                unsafe bytes.baseAddress!.copyMemory(from: entry.pointee.ai_addr, byteCount: length)
            }
            if let address = SocketAddress(storage) { addresses.append(address) }
            unsafe next = unsafe entry.pointee.ai_next
        }
        if let list = unsafe list { unsafe uv_freeaddrinfo(list) }
        answer(addresses)
    }
}
