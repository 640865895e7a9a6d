internal import CUV
internal import Glibc

/// A bound and listening socket, before a loop has it.
struct ListeningSocket {
    let descriptor: Int32
    let address: SocketAddress

    init(_ address: SocketAddress, backlog: Int, joining: Bool) throws(TransportError) {
        let domain = address.family == .ipv4 ? AF_INET : AF_INET6
        let type = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(domain, type, 0)
        self.descriptor = descriptor
        guard descriptor >= 0 else { throw .system(-errno) }
        var bound = sockaddr_storage()
        do throws(TransportError) {
            try Self.set(descriptor, SO_REUSEADDR)
            if joining { try Self.set(descriptor, SO_REUSEPORT) }
            let code = unsafe address.withStorage { storage, length in unsafe bind(descriptor, storage, length) }
            guard code == 0, listen(descriptor, Int32(backlog)) == 0 else { throw Self.error(address) }
            var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
            let named = unsafe withUnsafeMutablePointer(to: &bound) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(descriptor, $0, &length) }
            }
            guard named == 0, let actual = SocketAddress(bound) else { throw .system(-errno) }
            self.address = actual
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    func letOthersJoin() throws(TransportError) { try Self.set(descriptor, SO_REUSEPORT) }

    func close() { Glibc.close(descriptor) }

    private static func set(_ descriptor: Int32, _ option: Int32) throws(TransportError) {
        var on: Int32 = 1
        let code = unsafe setsockopt(descriptor, SOL_SOCKET, option, &on, socklen_t(MemoryLayout<Int32>.size))
        if code != 0 { throw .system(-errno) }
    }

    private static func error(_ address: SocketAddress) -> TransportError {
        switch errno {
        case EADDRINUSE: .addressInUse(address)
        case EADDRNOTAVAIL, EACCES: .addressUnavailable(address)
        default: .system(-errno)
        }
    }
}
