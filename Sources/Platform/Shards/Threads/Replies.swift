internal import Transport

/// Answers that may go out. They leave together, with one wake-up for each event loop: a hop costs 15 µs.
struct Replies {
    private var byLoop: [(loop: EventLoop?, replies: [@Sendable () -> Void])] = []

    mutating func add(_ reply: @escaping @Sendable () -> Void, on loop: EventLoop?) {
        if let index = byLoop.firstIndex(where: { $0.loop === loop }) {
            byLoop[index].replies.append(reply)
        } else {
            byLoop.append((loop, [reply]))
        }
    }

    consuming func release() {
        for (loop, replies) in byLoop {
            guard let loop else {
                for reply in replies { reply() }
                continue
            }
            loop.execute { for reply in replies { reply() } }
        }
    }
}
