import Synchronization
import Testing
import Threads

struct WorkerThreadTests {
    @Test func workRunsInTheOrderItWasQueued() async throws {
        let thread = try WorkerThread(name: "order")
        let seen = Mutex<[Int]>([])
        await withCheckedContinuation { done in
            for number in 0..<1000 { thread.submit { seen.withLock { $0.append(number) } } }
            thread.submit { done.resume() }
        }
        #expect(seen.withLock { $0 } == Array(0..<1000))
    }

    @Test func anActorLivesOnItsThread() async throws {
        let counter = Counter(thread: try WorkerThread(name: "actor"))
        await withTaskGroup { group in
            for _ in 0..<100 { group.addTask { await counter.increment() } }
        }
        #expect(await counter.count == 100)
        #expect(await counter.alwaysOnThread)
        #expect(!counter.thread.isCurrent)
    }

    @Test func theThreadOutlivesItsOwnerWhileWorkWaits() async throws {
        await withCheckedContinuation { done in
            do {
                let thread = try WorkerThread(name: "short")
                thread.submit { done.resume() }
            } catch {
                Issue.record(error)
                done.resume()
            }
        }
    }
}

private actor Counter: OnThread {
    nonisolated let thread: WorkerThread
    var count = 0
    var alwaysOnThread = true

    init(thread: WorkerThread) { self.thread = thread }

    func increment() {
        count += 1
        if !thread.isCurrent { alwaysOnThread = false }
    }
}
