import Synchronization

/// A whole number that goes up and down: open connections, queue lengths, bytes held.
public final class Gauge: Sendable {
    private let level = Atomic<Int64>(0)

    init() {}

    public func set(_ value: Int64) {
        level.store(value, ordering: .relaxed)
    }

    public func add(_ amount: Int64) {
        level.wrappingAdd(amount, ordering: .relaxed)
    }

    public var value: Int64 { level.load(ordering: .relaxed) }
}
