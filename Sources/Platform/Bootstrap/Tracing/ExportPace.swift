/// How fast and how patiently traces are sent on.
struct ExportPace: Sendable {
    /// How long spans are gathered.
    var gatherMilliseconds: UInt64 = 500
    /// Spans in one request at most.
    var batch = 512
    /// For one request.
    var timeoutMilliseconds: UInt64 = 10_000
    /// The pause after a first failure; each further one is twice as long, up to the longest, and of that a random part from the half.
    var firstPauseMilliseconds: UInt64 = 1_000
    var longestPauseMilliseconds: UInt64 = 30_000
    /// Times that one batch is sent at most.
    var attempts = 6
    /// What the end of the process may take to send what is left.
    var farewellMilliseconds: UInt64 = 2_000
}
