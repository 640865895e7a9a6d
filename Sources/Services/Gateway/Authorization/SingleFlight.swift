import Synchronization

/// One piece of work at a time for each key, whoever waits for it. The first to ask does it in its own task; if that task is cancelled, one
/// of those that wait takes over.
final class SingleFlight<Key: Hashable & Sendable, Value: Sendable, Failure: Error>: Sendable {
    private enum Outcome: Sendable {
        case settled(Result<Value, Failure>)
        case abandoned
        case lead
    }

    private let waiting = Mutex<[Key: [CheckedContinuation<Outcome, Never>]]>([:])

    func run(_ key: Key, _ work: () async throws(Failure) -> Value) async throws(Failure) -> Value {
        while true {
            let outcome = await withCheckedContinuation { (waiter: CheckedContinuation<Outcome, Never>) in
                let leads = waiting.withLock { waiting in
                    guard waiting[key] == nil else {
                        waiting[key]?.append(waiter)
                        return false
                    }
                    waiting[key] = []
                    return true
                }
                if leads { waiter.resume(returning: .lead) }
            }
            switch outcome {
            case .settled(let result): return try result.get()
            case .abandoned: continue
            case .lead:
                let result: Result<Value, Failure>
                do throws(Failure) { result = .success(try await work()) } catch { result = .failure(error) }
                let waiters = waiting.withLock { $0.removeValue(forKey: key) ?? [] }
                let isAbandoned = if case .failure = result { Task.isCancelled } else { false }
                for waiter in waiters { waiter.resume(returning: isAbandoned ? .abandoned : .settled(result)) }
                return try result.get()
            }
        }
    }
}
