import Synchronization
import Threads

/// A few threads for work that takes a core for long, with a bound on what may wait for them.
///
/// The number of threads bounds the memory password hashes take at once (19 MiB each); the bound on waiting bounds how late an answer
/// comes. Beyond it, callers are told at once.
final class ComputePool: Sendable {
    /// There is no room left.
    struct Full: Error {}

    private let threads: [WorkerThread]
    private let capacity: Int
    private let state = Mutex(State())

    private struct State {
        var waiting = 0
        var next = 0
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

    func run<R: Sendable>(_ work: @escaping @Sendable () throws -> R) async throws -> R {
        let thread = try state.withLock { state in
            guard state.waiting < capacity else { throw Full() }
            state.waiting += 1
            state.next = (state.next + 1) % threads.count
            return threads[state.next]
        }
        defer { state.withLock { $0.waiting -= 1 } }
        return try await withCheckedThrowingContinuation { continuation in
            thread.submit { continuation.resume(with: Result { try work() }) }
        }
    }
}
