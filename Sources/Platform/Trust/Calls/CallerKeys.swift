import Bootstrap
import Contracts
import Encodings
import SigV4
import Synchronization

/// The keys of those who may call this service, and the signing keys derived from them, a day at a time.
final class CallerKeys: Sendable {
    private struct Caller {
        let service: ServiceName
        let accessKeyID: [UInt8]
        let secret: [UInt8]
        /// Of the latest days a call named: yesterday's is still needed around midnight.
        var days: [SigningKey] = []
    }

    private let callers: Mutex<[Caller]>

    init(_ keys: [Keyring.CallerKey]) {
        callers = Mutex(Self.callers(keys))
    }

    /// Takes other keys from now on.
    func replace(with keys: [Keyring.CallerKey]) {
        let new = Self.callers(keys)
        callers.withLock { $0 = new }
    }

    private static func callers(_ keys: [Keyring.CallerKey]) -> [Caller] {
        keys.map { Caller(service: $0.caller, accessKeyID: Array($0.accessKeyID.utf8), secret: Array($0.secret.utf8)) }
    }

    /// The caller and the signing key for the claim's scope; nil for an unknown access key. Ask only for scopes that have been admitted: the
    /// window bounds how many there can be.
    func key(for claim: SignatureClaim) -> (caller: ServiceName, key: SigningKey)? {
        callers.withLock { callers in
            guard let index = callers.firstIndex(where: { $0.accessKeyID == claim.accessKeyID }) else { return nil }
            if let key = callers[index].days.first(where: { $0.scope == claim.scope }) { return (callers[index].service, key) }
            let secret = callers[index].secret
            let key = SigningKey(secret: secret.span, scope: claim.scope)
            if callers[index].days.count >= 3 { callers[index].days.removeFirst() }
            callers[index].days.append(key)
            return (callers[index].service, key)
        }
    }
}
