internal import CUV
internal import Glibc

extension EventLoop {
    /// The addresses of a host name (or of a numeric address, without asking anybody), in the system's order of preference.
    /// May be called from anywhere; the look-up runs on libuv's thread pool.
    public func resolve(host: String, port: UInt16) async throws(TransportError) -> [SocketAddress] {
        if let numeric = SocketAddress(host: host, port: port) { return [numeric] }
        let addresses = unsafe await withUnsafeContinuation { continuation in
            execute { unsafe Lookup.start(host, on: self, continuation) }
        }
        if addresses.isEmpty { throw .unknownHost(host) }
        return addresses.map { $0.with(port: port) }
    }
}

/// One look-up that libuv holds. Soundness: made on the loop, freed by the callback, which libuv calls exactly once.
@safe private final class Lookup {
    private let continuation: UnsafeContinuation<[SocketAddress], Never>
    private let request: UnsafeMutablePointer<uv_getaddrinfo_t>

    private init(_ continuation: UnsafeContinuation<[SocketAddress], Never>) {
        unsafe self.continuation = continuation
        unsafe request = .allocate(capacity: 1)
    }

    deinit { unsafe request.deallocate() }

    static func start(_ host: String, on loop: EventLoop, _ continuation: UnsafeContinuation<[SocketAddress], Never>) {
        guard !loop.isStopping else { return unsafe continuation.resume(returning: []) }
        let lookup = unsafe Lookup(continuation)
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
        if code != 0 {
            unsafe held.release()
            unsafe continuation.resume(returning: [])
        }
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
        unsafe continuation.resume(returning: addresses)
    }
}
