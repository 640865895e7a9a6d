internal import COpenSSL
internal import Glibc

/// What is kept for each thread: a cipher context (they are not thread-safe, and making one costs more than using it) and a pool of random numbers.
///
/// Owned by the thread's slot of a pthread key, whose destructor releases it when the thread ends; nothing else holds on to it.
@safe final class ThreadContext {
    let cipher: OpaquePointer
    private let random = RandomPool()

    private init() {
        guard let cipher = unsafe EVP_CIPHER_CTX_new() else { preconditionFailure("out of memory") }
        unsafe self.cipher = cipher
    }

    deinit {
        unsafe EVP_CIPHER_CTX_free(cipher)
    }

    static var current: ThreadContext {
        // The slot holds what `passRetained` put there, or nothing.
        if let raw = unsafe pthread_getspecific(key) {
            return unsafe Unmanaged<ThreadContext>.fromOpaque(raw).takeUnretainedValue()
        }
        return fresh()
    }

    private static func fresh() -> ThreadContext {
        let fresh = ThreadContext()
        let status = unsafe pthread_setspecific(key, Unmanaged.passRetained(fresh).toOpaque())
        precondition(status == 0, "out of memory")
        return fresh
    }

    func nextRandom() -> UInt64 { random.next() }

    /// The calling thread's next random number.
    static func nextRandom() -> UInt64 {
        guard let raw = unsafe pthread_getspecific(key) else { return fresh().nextRandom() }
        // The slot holds the context until the thread ends, so the call needs no reference of its own.
        return unsafe Unmanaged<ThreadContext>.fromOpaque(raw)._withUnsafeGuaranteedRef { $0.nextRandom() }
    }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { raw in
            if let raw = unsafe raw { unsafe Unmanaged<ThreadContext>.fromOpaque(raw).release() }
        }
        precondition(status == 0, "no thread-specific slot left")
        return key
    }()
}

/// Random numbers made many at a time, so that a request seldom asks the kernel; each is handed out once and then forgotten. It owns the memory they are in.
@safe private final class RandomPool {
    private static let count = 512
    private let words = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
    // Only `next` touches it, on the one thread whose context holds the pool, and calls nothing meanwhile that could come back here.
    @exclusivity(unchecked) private var unused = 0

    init() { unsafe words.initialize(repeating: 0, count: Self.count) }

    deinit { unsafe words.deallocate() }

    func next() -> UInt64 {
        var index = unsafe unused
        if index == 0 {
            unsafe Random.fill(UnsafeMutableRawBufferPointer(start: words, count: Self.count * 8))
            index = Self.count
        }
        index -= 1
        unsafe unused = index
        let value = unsafe words[index]
        unsafe words[index] = 0
        return value
    }
}
