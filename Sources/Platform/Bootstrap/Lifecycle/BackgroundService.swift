/// Work that goes on for as long as its service runs, such as a relay or a refresh.
public protocol BackgroundService: Sendable {
    /// What the log calls it.
    var name: String { get }

    /// Returns when its task is cancelled, having put away what it held. Throwing ends the process: what can be retried, the service retries itself.
    func run() async throws
}
