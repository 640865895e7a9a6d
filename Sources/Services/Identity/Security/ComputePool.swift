import Synchronization
import Threads

/// A few threads for work that takes a core for long, with a bound on what may wait for them.
///
/// The number of threads bounds the memory password hashes take at once (19 MiB each); the bound on waiting bounds how late an answer
/// comes. Beyond it, callers are told at once. A tenant has as many places as all leave free, so that one of them alone keeps nobody else out.
final class ComputePool: Sendable {
    /// There is no room left.
    struct Full: Error {}

    private let threads: [WorkerThread]
    private let capacity: Int
    private let state = Mutex(State())

    private struct State {
        var waiting = 0
        /// Those of each tenant, but for those that nobody needs.
        var owners: [String: Int] = [:]
        /// Those of them that nobody needs.
        var pretended = 0
        var next = 0
        /// What pretending took last.
        var pretence = Duration.zero
    }

    /// - Parameter capacity: how many pieces of work may run or wait.
    init(name: String, threads count: Int, capacity: Int) throws(ThreadError) {
        var threads: [WorkerThread] = []
        for index in 0..<count { threads.append(try WorkerThread(name: "\(name)-\(index)")) }
        self.threads = threads
        self.capacity = capacity
    }

    /// How many pieces of work run or wait.
    var load: Int { state.withLock { $0.waiting } }

    /// - Parameter owner: the tenant it is for; nil where it is for none.
    func run<R: Sendable>(for owner: String? = nil, _ work: @escaping @Sendable () throws -> R) async throws -> R {
        let thread = try state.withLock { state in
            guard hasRoom(state, for: owner) else { throw Full() }
            state.waiting += 1
            if let owner { state.owners[owner, default: 0] += 1 }
            state.next = (state.next + 1) % threads.count
            return threads[state.next]
        }
        defer {
            state.withLock { state in
                state.waiting -= 1
                if let owner, let count = state.owners[owner] { state.owners[owner] = count > 1 ? count - 1 : nil }
            }
        }
        return try await run(work, on: thread)
    }

    /// Takes as long as work whose result is needed, and is turned away when such work is, so that the two can't be told apart.
    ///
    /// It has half of the places at most: however much of it there is, work that is needed finds a place. Beyond, it computes nothing, and waits for
    /// its turn and then for as long as it took last: to be turned away would tell it from work that is not.
    func pretend(for owner: String? = nil, _ work: @escaping @Sendable () throws -> Void) async throws {
        let (thread, hasPlace) = try state.withLock { state in
            guard hasRoom(state, for: owner) else { throw Full() }
            let next = (state.next + 1) % threads.count
            guard state.pretended < capacity / 2 else { return (threads[next], false) }
            state.next = next
            state.waiting += 1
            state.pretended += 1
            return (threads[next], true)
        }
        guard hasPlace else {
            try await run({}, on: thread)
            return try await Task.sleep(for: state.withLock(\.pretence))
        }
        defer {
            state.withLock { state in
                state.waiting -= 1
                state.pretended -= 1
            }
        }
        let took = try await run({ try ContinuousClock().measure(work) }, on: thread)
        state.withLock { $0.pretence = took }
    }

    private func hasRoom(_ state: State, for owner: String?) -> Bool {
        let free = capacity - state.waiting
        return free > 0 && owner.flatMap { state.owners[$0] } ?? 0 < free
    }

    private func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R, on thread: WorkerThread) async throws -> R {
        try await withCheckedThrowingContinuation { continuation in
            thread.submit { continuation.resume(with: Result { try work() }) }
        }
    }
}
