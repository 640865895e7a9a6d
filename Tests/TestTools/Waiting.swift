/// What a test waited for did not come.
public struct NeverCame: Error {
    public init() {}
}

/// Waits until `condition` holds, for two minutes at most: a test that waits for what can't come any more has to fail, not to keep the whole run from ending.
///
/// - Throws: ``NeverCame``, or what the condition throws.
public func until(isolation: isolated (any Actor)? = #isolation, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(120)
    while try await !condition() {
        guard ContinuousClock.now < deadline else { throw NeverCame() }
        try await Task.sleep(for: .milliseconds(1))
    }
}
