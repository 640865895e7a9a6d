internal import Glibc

/// A value behind a POSIX mutex.
///
/// The standard library's `Mutex` would do, but where two threads meet in it the thread sanitizer can't see the hand-over (it
/// happens inside a library that isn't instrumented) and reports a race; POSIX mutexes it knows.
///
/// Soundness: the value is touched between `pthread_mutex_lock` and `pthread_mutex_unlock` only; the mutex doesn't move.
@safe final class Locked<Value>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    init(_ value: Value) {
        self.value = value
        unsafe mutex = .allocate(capacity: 1)
        unsafe pthread_mutex_init(mutex, nil)
    }

    deinit {
        unsafe pthread_mutex_destroy(mutex)
        unsafe mutex.deallocate()
    }

    func withLock<R>(_ body: (inout Value) -> R) -> R {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&value)
    }
}
