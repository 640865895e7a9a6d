internal import CUV

/// The open streams of one loop, and the tick that looks at their deadlines.
///
/// A deadline moves with every message, so it is a number in the stream, read ten times a second, rather than a timer that is
/// started and stopped: deadlines are late by up to `tickMilliseconds`, and cost nothing on the way of a request.
///
/// Soundness: touched by the loop's thread only. The libuv timer is freed by its close callback.
@safe struct StreamRegistry {
    static let tickMilliseconds: UInt64 = 100
    private(set) var all: [Stream] = []
    private var timer: UnsafeMutablePointer<uv_timer_t>?

    mutating func insert(_ stream: Stream) {
        stream.slot = all.count
        all.append(stream)
        if all.count == 1 { startTicking(stream.loop) }
    }

    mutating func remove(_ stream: Stream) {
        let slot = stream.slot
        guard slot >= 0 else { return }
        stream.slot = -1
        let last = all.removeLast()
        if last !== stream {
            all[slot] = last
            last.slot = slot
        }
        if all.isEmpty, let timer = unsafe timer { unsafe uv_timer_stop(timer) }
    }

    mutating func stopTicking() {
        if let timer = unsafe timer { unsafe UnsafeMutableRawPointer(timer).closeAndFree() }
        unsafe timer = nil
    }

    private mutating func startTicking(_ loop: EventLoop) {
        if unsafe timer == nil {
            let new = UnsafeMutablePointer<uv_timer_t>.allocate(capacity: 1)
            unsafe uv_timer_init(loop.uv, new)
            unsafe new.pointee.data = unsafe Unmanaged.passUnretained(loop).toOpaque()
            unsafe timer = unsafe new
        }
        unsafe uv_timer_start(timer, { handle in unsafe loopOf(handle!.pointee.data).tick() }, Self.tickMilliseconds, Self.tickMilliseconds)
    }
}

extension EventLoop {
    /// Backwards, because a stream whose deadline has passed may leave the registry, and the last takes its place.
    func tick() {
        let now = now
        var index = streams.all.count - 1
        while index >= 0 {
            if index < streams.all.count { streams.all[index].checkWaiters(now: now) }
            index -= 1
        }
        unsafe buffers.trim()
    }
}
