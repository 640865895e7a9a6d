internal import Transport

/// Lets one task on a loop wait until another part of the same loop has something for it. A signal that nobody waits for is kept, once.
///
/// Confined to the actor that owns it.
final class Signal {
    private var waiting: CheckedContinuation<Void, Never>?
    private var isSet = false
    private(set) var isClosed = false

    func send() {
        if let waiting {
            self.waiting = nil
            waiting.resume()
        } else {
            isSet = true
        }
    }

    /// Nobody waits from now on.
    func close() {
        isClosed = true
        send()
    }

    /// Returns at once when a signal was sent since the last wait, or after ``close()``.
    func wait(isolation: isolated (any Actor)? = #isolation) async {
        if isSet || isClosed {
            isSet = false
            return
        }
        precondition(waiting == nil, "one task waits for a signal")
        await withCheckedContinuation { waiting = $0 }
    }
}
