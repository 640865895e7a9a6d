internal import Files
internal import Synchronization

/// Closed while a service's data are as old as the backup they came from, and what has been erased since may still be among them: until then they are shown
/// to nobody.
public final class RestoreGate: Sendable {
    static let fileName = ".restored"

    private let file: String
    private let isDown: Atomic<Bool>

    /// - Parameter data: the service's data folder; `strongroom restore` leaves a file in it that says so.
    public init(data: String) {
        file = "\(data)/\(Self.fileName)"
        isDown = Atomic(File.exists(file))
    }

    public var isOpen: Bool { !isDown.load(ordering: .acquiring) }

    /// All that was erased after the backup has been erased again: durable when this returns.
    public func open() throws {
        try File.remove(file)
        try Directory.sync(Directory.parent(of: file))
        isDown.store(false, ordering: .releasing)
    }
}
