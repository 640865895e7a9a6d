internal import CUV

/// The timers of one loop: a binary heap under a single libuv timer.
///
/// Soundness: touched by the loop's thread only. The libuv timer is freed by its close callback.
@safe struct TimerQueue {
    struct Entry {
        let due: UInt64
        let id: UInt64
        let body: () -> Void
    }

    private let uv: UnsafeMutablePointer<uv_loop_t>
    private let timer: UnsafeMutablePointer<uv_timer_t>
    private var heap: [Entry] = []
    private var live: Set<UInt64> = []
    private var lastID: UInt64 = 0
    private var isStopped = false

    init(uv: UnsafeMutablePointer<uv_loop_t>) {
        unsafe self.uv = unsafe uv
        unsafe timer = .allocate(capacity: 1)
    }

    func start(context: UnsafeMutableRawPointer) {
        unsafe uv_timer_init(uv, timer)
        unsafe timer.pointee.data = context
    }

    /// Closes the libuv timer. The entries left are the caller's to run.
    mutating func stop() -> [Entry] {
        isStopped = true
        let left = heap.filter { live.contains($0.id) }
        heap = []
        live = []
        unsafe UnsafeMutableRawPointer(timer).closeAndFree()
        return left
    }

    mutating func add(due: UInt64, _ body: @escaping () -> Void) -> UInt64 {
        lastID += 1
        heap.append(Entry(due: due, id: lastID, body: body))
        live.insert(lastID)
        siftUp(heap.count - 1)
        if heap[0].id == lastID { arm() }
        return lastID
    }

    /// Marks the entry dead; dead entries are dropped when they come up, or all together when they are the majority.
    mutating func cancel(_ id: UInt64) {
        guard live.remove(id) != nil else { return }
        if live.count * 2 < heap.count { sweep() }
    }

    /// Takes the next entry that is due, if any; arms the timer for the one after.
    mutating func popDue(now: UInt64) -> Entry? {
        while let first = heap.first {
            if live.contains(first.id) {
                guard first.due <= now else { break }
                live.remove(first.id)
                removeFirst()
                return first
            }
            removeFirst()
        }
        arm()
        return nil
    }

    private func arm() {
        guard !isStopped, let first = heap.first else { return }
        let now = unsafe uv_now(uv)
        let wait = first.due > now ? first.due - now : 0
        unsafe uv_timer_start(timer, { handle in unsafe loopOf(handle!.pointee.data).fireTimers() }, wait, 0)
    }

    private mutating func sweep() {
        heap.removeAll { !live.contains($0.id) }
        heap.sort { $0.due < $1.due }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < heap.count else { return }
            if child + 1 < heap.count, heap[child + 1].due < heap[child].due { child += 1 }
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            parent = child
        }
    }

    private mutating func siftUp(_ index: Int) {
        var child = index
        while child > 0 {
            let parent = (child - 1) / 2
            guard heap[child].due < heap[parent].due else { return }
            heap.swapAt(child, parent)
            child = parent
        }
    }
}

extension UnsafeMutableRawPointer {
    /// Closes a libuv handle and frees its memory, which libuv owns until the close callback has run.
    func closeAndFree() {
        unsafe uv_close(assumingMemoryBound(to: uv_handle_t.self)) { handle in unsafe UnsafeMutableRawPointer(handle!).deallocate() }
    }
}
