import Synchronization

/// A named place at which a test lets the process die, to show that nothing acknowledged is lost there.
///
/// `STRONGROOM_FAILPOINT=notes.after-commit:3` kills the process with SIGKILL the third time it passes that point. Unset, as
/// in every shipped configuration, passing one costs a load and a branch.
public struct FailPoint: Sendable {
    public static let variable = "STRONGROOM_FAILPOINT"
    private static let armed: Armed? = Environment.value(of: variable).flatMap(Armed.init(text:))

    private let armed: Armed?

    public init(_ name: String) {
        armed = Self.armed?.name == name ? Self.armed : nil
    }

    /// Counts one passing and ends the process if it is the one asked for.
    public func pass() {
        guard let armed else { return }
        if armed.left.wrappingSubtract(1, ordering: .relaxed).newValue == 0 { CurrentProcess.kill() }
    }

    private final class Armed: Sendable {
        let name: String
        let left: Atomic<Int>

        init?(text: String) {
            let parts = text.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, let count = Int(parts[1]), count > 0 else { return nil }
            name = String(parts[0])
            left = Atomic(count)
        }
    }
}
