import Synchronization

/// How durations are spread, in fixed buckets from 50 µs to 10 s. Observing is two relaxed atomic additions.
///
/// The count of a scrape is the sum of the buckets it read, so that `_count` and the `+Inf` bucket always agree, though observations go on meanwhile.
public final class Histogram: Sendable {
    /// Upper bounds, in microseconds, inclusive as Prometheus' `le` is.
    public static let bounds: [UInt64] = [
        50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 50_000, 100_000, 250_000, 500_000, 1_000_000, 2_500_000, 5_000_000,
        10_000_000,
    ]
    /// The same bounds in seconds, as they are written in the exposition format.
    static let labels = [
        "5e-05", "0.0001", "0.00025", "0.0005", "0.001", "0.0025", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1", "2.5", "5",
        "10",
    ]

    private let buckets: InlineArray<18, Atomic<UInt64>>
    private let sum = Atomic<UInt64>(0)

    init() {
        buckets = InlineArray { _ in Atomic(0) }
    }

    /// - Parameter microseconds: a duration.
    public func observe(microseconds: UInt64) {
        var index = 0
        while index < Self.bounds.count, microseconds > Self.bounds[index] { index += 1 }
        buckets[index].wrappingAdd(1, ordering: .relaxed)
        sum.wrappingAdd(microseconds, ordering: .relaxed)
    }

    /// Observations per bucket (not cumulative; the last is beyond every bound), and the sum of all in microseconds.
    public func snapshot() -> (buckets: [UInt64], sum: UInt64) {
        (buckets.indices.map { buckets[$0].load(ordering: .relaxed) }, sum.load(ordering: .relaxed))
    }
}
