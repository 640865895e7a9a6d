public import Observability
internal import Processes

/// What a set of shards counts: how often a file was open already, and how many requests share a commit.
public struct ShardMetrics: Sendable {
    /// Bounds of the sizes of commits, inclusive.
    private static let sizes: [(bound: Int, label: String)] = [(1, "1"), (4, "2-4"), (16, "5-16"), (64, "17-64"), (.max, "65-")]

    private let hits: [Use: Counter]
    private let misses: [Use: Counter]
    private let commits: [Counter]
    private let requests: Counter
    private let duration: Histogram

    enum Use: String, CaseIterable { case read, write }

    public init(_ registry: MetricsRegistry) {
        func opened(_ result: String) -> [Use: Counter] {
            Dictionary(
                uniqueKeysWithValues: Use.allCases.map { use in
                    (
                        use,
                        registry.counter(
                            "strongroom_shard_files_total", help: "Files asked for, and whether they were open already.",
                            labels: MetricLabel("use", use.rawValue), MetricLabel("cache", result))
                    )
                })
        }
        (hits, misses) = (opened("hit"), opened("miss"))
        commits = Self.sizes.map {
            registry.counter(
                "strongroom_shard_commits_total", help: "Commits, by the requests that shared one.", labels: MetricLabel("size", $0.label))
        }
        requests = registry.counter("strongroom_shard_commit_requests_total", help: "Requests that were committed.")
        duration = registry.histogram("strongroom_shard_commit_seconds", help: "A transaction, from its beginning until it is on the disk.")
    }

    func opened(for use: Use, wasOpen: Bool) {
        (wasOpen ? hits : misses)[use]?.increment()
    }

    func committed(_ count: Int, since started: UInt64) {
        commits[Self.sizes.firstIndex { count <= $0.bound } ?? Self.sizes.count - 1].increment()
        requests.increment(by: UInt64(count))
        duration.observe(microseconds: (SystemClock.monotonicNanoseconds() - started) / 1000)
    }
}
