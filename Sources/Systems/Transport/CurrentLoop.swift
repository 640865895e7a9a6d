internal import Glibc

/// The loop of the calling thread.
///
/// Soundness: the key's value is set and cleared by the loop's own thread, which holds the loop as long as it is set.
enum CurrentLoop {
    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        precondition(unsafe pthread_key_create(&key, nil) == 0, "the system is out of thread-specific keys")
        return key
    }()

    static func get() -> EventLoop? {
        guard let raw = unsafe pthread_getspecific(key) else { return nil }
        return unsafe Unmanaged<EventLoop>.fromOpaque(raw).takeUnretainedValue()
    }

    static func set(_ loop: EventLoop?) {
        unsafe pthread_setspecific(key, loop.map { unsafe UnsafeRawPointer(Unmanaged.passUnretained($0).toOpaque()) })
    }
}
