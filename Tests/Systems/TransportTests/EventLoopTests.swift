import Testing
import Transport

@Suite struct EventLoopTests {
    @Test func `a task stays on its loop through sleeps and children`() async {
        let loop = EventLoop.start(name: "test")
        await loop.spawn {
            #expect(loop.isCurrent)
            await #expect(throws: Never.self) { try await loop.sleep(milliseconds: 5) }
            #expect(loop.isCurrent)
            await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<10 { group.addTask { loop.isCurrent } }
                for await isCurrent in group { #expect(isCurrent) }
            }
        }.value
        loop.stop()
    }

    @Test func `a cancelled sleep ends at once`() async {
        let loop = EventLoop.start(name: "test")
        let task = loop.spawn {
            await #expect(throws: TransportError.cancelled) { try await loop.sleep(milliseconds: 60_000) }
        }
        task.cancel()
        await task.value
        loop.stop()
    }

    @Test func `stopping wakes who sleeps`() async {
        let loop = EventLoop.start(name: "test")
        let task = loop.spawn {
            await #expect(throws: TransportError.closed) { try await loop.sleep(milliseconds: 60_000) }
        }
        loop.execute { loop.stop() }
        await task.value
        // What comes after the end still runs.
        await loop.spawn {}.value
    }

    @Test func `sleeps end in the order of their times`() async {
        let loop = EventLoop.start(name: "test")
        let order = await loop.spawnReturning {
            await withTaskGroup(of: UInt64.self) { group in
                for time: UInt64 in [40, 10, 30, 20] {
                    group.addTask {
                        await #expect(throws: Never.self) { try await loop.sleep(milliseconds: time) }
                        return time
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(order == [10, 20, 30, 40])
        loop.stop()
    }
}

extension EventLoop {
    func spawnReturning<R: Sendable>(_ body: sending @escaping () async -> R) async -> R {
        await Task(executorPreference: self) { await body() }.value
    }
}
