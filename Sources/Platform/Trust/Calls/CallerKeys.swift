import Bootstrap
import Contracts
import Encodings
import SigV4
import Synchronization

/// The keys of those who may call this service: which access keys there are says the keyring, what they sign with on a day the keyring, or the authorizer.
final class CallerKeys: Sendable {
    private struct Caller {
        let key: Keyring.CallerKey
        let id: [UInt8]
        /// Of the latest days a call named: yesterday's is still needed around midnight.
        var days: [SigningKey] = []

        init(_ key: Keyring.CallerKey) {
            self.key = key
            id = Array(key.accessKeyID.utf8)
        }
    }

    private struct State {
        var callers: [Caller]
        /// By access key.
        var handedOut: [String: SigningDays] = [:]
    }

    private let state: Mutex<State>

    init(_ keys: [Keyring.CallerKey]) {
        state = Mutex(State(callers: keys.map(Caller.init)))
    }

    /// Takes other keys from now on.
    func replace(with keys: [Keyring.CallerKey]) {
        state.withLock { $0.callers = keys.map(Caller.init) }
    }

    /// Takes what the authorizer derived for this service. It adds days to access keys that are in the keyring, and no access key.
    func learn(_ days: [String: SigningDays]) {
        state.withLock { $0.handedOut = days }
    }

    /// Whether calls of every caller can be verified at this time.
    func cover(_ time: Timestamp) -> Bool {
        state.withLock { state in
            state.callers.allSatisfy { caller in
                switch caller.key.material {
                case .secret: true
                // What was replaced signs no more.
                case .days(let days): caller.key.isReplaced || days.covers(time) || state.handedOut[caller.key.accessKeyID]?.covers(time) ?? false
                }
            }
        }
    }

    /// The caller and the signing key for the claim's scope. Ask only for scopes that have been admitted: the window bounds how many there can be.
    /// - Throws: for an unknown access key, and `noSigningKey` for a day that nothing is known of.
    func key(for claim: SignatureClaim) throws(InternalCallError) -> (caller: ServiceName, key: SigningKey) {
        try state.withLock { (state) throws(InternalCallError) in
            guard let index = state.callers.firstIndex(where: { $0.id == claim.accessKeyID }) else { throw .signature(.unknownAccessKey) }
            let caller = state.callers[index]
            if let key = caller.days.first(where: { $0.scope == claim.scope }) { return (caller.key.caller, key) }
            guard let key = Self.derive(caller.key, claim.scope, state.handedOut) else { throw .noSigningKey }
            if caller.days.count >= 3 { state.callers[index].days.removeFirst() }
            state.callers[index].days.append(key)
            return (caller.key.caller, key)
        }
    }

    private static func derive(_ key: Keyring.CallerKey, _ scope: CredentialScope, _ handedOut: [String: SigningDays]) -> SigningKey? {
        switch key.material {
        case .secret(let secret): return SigningKey(secret: secret.utf8.span, scope: scope)
        case .days(let days):
            let day = String(decoding: scope.date, as: UTF8.self)
            guard let bytes = days.keys[day] ?? handedOut[key.accessKeyID]?.keys[day] else { return nil }
            return SigningKey(bytes: bytes.span, scope: scope)
        }
    }
}
