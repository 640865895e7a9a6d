/// What can go wrong between this process and a peer.
public enum TransportError: Error, Hashable, Sendable {
    /// The stream, or the loop under it, has been closed on our side.
    case closed
    /// The peer ended or reset the connection.
    case reset
    /// The peer ended an encrypted connection without saying so (RFC 8446 §6.1): what came last may have been cut off.
    case truncated
    /// A record of an encrypted connection that can't be opened, or a failed handshake: libssl's reason.
    case encryption(String)
    /// The stream's deadline passed while an operation was waiting.
    case deadline
    /// Nobody listens at the address.
    case refused
    /// The address is in use by another process (or another listener of this one).
    case addressInUse(SocketAddress)
    /// Binding the address is not permitted, or the machine has no such address.
    case addressUnavailable(SocketAddress)
    /// The name has no address.
    case unknownHost(String)
    /// The stream already has an operation of this kind waiting.
    case busy
    /// The unread bytes fill the stream's buffer.
    case bufferFull
    /// The task that waited was cancelled.
    case cancelled
    /// Any other error of the system: libuv's code (a negated `errno`).
    case system(Int32)
}

extension TransportError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .closed: "the connection is closed"
        case .reset: "the peer closed the connection"
        case .truncated: "the peer cut off the encrypted connection"
        case .encryption(let reason): "the encrypted connection failed (\(reason))"
        case .deadline: "the deadline passed"
        case .refused: "connection refused"
        case .addressInUse(let address): "\(address) is already in use by another process"
        case .addressUnavailable(let address): "\(address) can't be listened on: no such address here, or not permitted"
        case .unknownHost(let host): "the name \(host) has no address"
        case .busy: "another operation is waiting on the connection"
        case .bufferFull: "the connection's buffer is full"
        case .cancelled: "the operation was cancelled"
        case .system(let code): "system error \(-code)"
        }
    }
}
