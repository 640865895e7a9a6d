internal import CUV
internal import Glibc

/// A listening TCP port with one socket for each loop; the kernel spreads connections over them (`SO_REUSEPORT`).
///
/// With `SO_REUSEPORT` alone, a second process of the same user would bind the port without a word and take half of the
/// connections. So the first socket binds *and listens* without it, which fails if anybody else has the port, and only then
/// turns it on so that our other loops may join; whoever else tries the same is refused by our sockets, which are listening.
public final class Listener: Sendable {
    /// The address that is listened on, its port filled in where 0 was asked for.
    public let address: SocketAddress
    private let acceptors: [Acceptor]

    /// - Parameters:
    ///   - leaving: how many descriptors of those that the process may have are left to everything else; then connections wait.
    ///   - accept: called on the loop a connection belongs to.
    ///   - paused: called on a loop that accepts nothing for a tenth of a second, because the process has few descriptors left.
    /// - Throws: ``TransportError/addressInUse(_:)`` or ``TransportError/addressUnavailable(_:)``.
    public init(
        _ address: SocketAddress, on loops: LoopGroup, backlog: Int = 1024, leaving reserve: DescriptorReserve = .half,
        accept: @escaping @Sendable (Stream) -> Void,
        paused: @escaping @Sendable () -> Void = {}
    ) async throws(TransportError) {
        let first = try ListeningSocket(address, backlog: backlog, joining: false)
        var sockets = [first]
        do {
            if loops.loops.count > 1 { try first.letOthersJoin() }
            for _ in loops.loops.dropFirst() { try sockets.append(ListeningSocket(first.address, backlog: backlog, joining: true)) }
        } catch {
            for socket in sockets { socket.close() }
            throw error
        }
        self.address = first.address
        var acceptors: [Acceptor] = []
        for (loop, socket) in zip(loops.loops, sockets) {
            acceptors.append(Acceptor(loop: loop, socket: socket, firstReserved: reserve.first, accept: accept, paused: paused))
        }
        self.acceptors = acceptors
        for acceptor in acceptors { try await acceptor.start() }
    }

    /// Stops accepting; connections that were accepted live on.
    public func close() {
        for acceptor in acceptors { acceptor.loop.execute { acceptor.close() } }
    }
}

/// What connections leave of the descriptors that the process may have.
public enum DescriptorReserve: Sendable {
    /// Half: files, and connections to others, need as many.
    case half
    /// A few: for a listener that has to answer when those of others have taken all they may.
    case few

    /// The lowest of those that are left.
    var first: Int32 {
        let limit = getdtablesize()
        return switch self {
        case .half: limit - limit / 2
        case .few: limit - 32
        }
    }
}
