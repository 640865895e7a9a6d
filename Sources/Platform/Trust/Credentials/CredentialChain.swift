import Encodings
import Synchronization

/// The AWS default credential chain: environment, shared credentials file, config file, container endpoint, instance metadata.
///
/// The first source that is configured decides. What expires is fetched again before it does, once, whoever waits; while that fails,
/// the old credentials serve until they expire. Not implemented, and refused by name where a profile asks for it: assumed roles,
/// web identities, SSO, credential processes.
public final class CredentialChain: Sendable {
    private struct State {
        var current: ProvidedCredentials?
        /// The latest failure, given to everyone for a second: those who waited don't each try again in turn.
        var failure: (error: CredentialError, until: Timestamp)?
        var isLoading = false
        /// Whether the latest look failed, so that each failure is told once.
        var isFailing = false
        /// Whether a source has changed since credentials were last looked for.
        var isOutdated = false
        var waiting: [CheckedContinuation<Void, Never>] = []
    }

    private static let sources: [any CredentialSource] = [EnvironmentSource(), ProfileSource(), ContainerSource(), InstanceMetadataSource()]

    private let surroundings: CredentialSurroundings
    private let changed: @Sendable (CredentialError?) -> Void
    private let state = Mutex(State())

    /// - Parameter changed: called with an error when credentials can't be had any more, and with nil when they can again.
    public init(_ surroundings: CredentialSurroundings, changed: @escaping @Sendable (CredentialError?) -> Void = { _ in }) {
        self.surroundings = surroundings
        self.changed = changed
    }

    /// Credentials that hold now. Costs a lock once they are there.
    public func credentials() async throws(CredentialError) -> ProvidedCredentials {
        while true {
            let now = surroundings.now()
            switch state.withLock({ CredentialChain.next(&$0, at: now) }) {
            case .use(let credentials): return credentials
            case .fail(let error): throw error
            case .load(let old): return try await load(orElse: old)
            case .wait: await waitForLoad()
            }
        }
    }

    /// Looks for credentials again before they are next used: a source has changed. Until others are found, those there are serve.
    public func lookAgain() {
        state.withLock { $0.isOutdated = true }
    }

    private enum Step {
        case use(ProvidedCredentials)
        case fail(CredentialError)
        case load(orElse: ProvidedCredentials?)
        case wait
    }

    private static func next(_ state: inout State, at now: Timestamp) -> Step {
        let held = state.current.flatMap { $0.isExpired(at: now) ? nil : $0 }
        if let held, state.isLoading || !(state.isOutdated || held.needsRefresh(at: now)) { return .use(held) }
        if state.isLoading { return .wait }
        if let failure = state.failure, now < failure.until {
            return held.map { .use($0) } ?? .fail(failure.error)
        }
        state.isLoading = true
        state.isOutdated = false
        return .load(orElse: held)
    }

    private func waitForLoad() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isLoading { state.waiting.append(continuation) }
                return !state.isLoading
            }
            if isOver { continuation.resume() }
        }
    }

    private func load(orElse old: ProvidedCredentials?) async throws(CredentialError) -> ProvidedCredentials {
        defer {
            let waiting = state.withLock { state in
                state.isLoading = false
                defer { state.waiting = [] }
                return state.waiting
            }
            for continuation in waiting { continuation.resume() }
        }
        do throws(CredentialError) {
            let fresh = try await search()
            let failed = state.withLock { state in
                defer { state.isFailing = false }
                state.current = fresh
                state.failure = nil
                return state.isFailing
            }
            if failed { changed(nil) }
            return fresh
        } catch {
            let until = surroundings.now().adding(seconds: 1)
            let isNew = state.withLock { state in
                defer { state.isFailing = true }
                state.failure = (error, until)
                // What has changed was not read.
                state.isOutdated = true
                return !state.isFailing
            }
            if isNew { changed(error) }
            if let old { return old }
            throw error
        }
    }

    private func search() async throws(CredentialError) -> ProvidedCredentials {
        for source in CredentialChain.sources {
            guard let found = try await source.load(surroundings) else { continue }
            guard !found.isExpired(at: surroundings.now()) else { throw .endpoint(source: source.name, cause: "they have expired") }
            return found
        }
        throw .notFound(sources: CredentialChain.sources.compactMap { $0.place(surroundings) })
    }
}
