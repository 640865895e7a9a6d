internal import COpenSSL
internal import Glibc

/// What is kept for each thread: a cipher context (they are not thread-safe, and making one costs more than using it) and a pool of random numbers.
///
/// Owned by the thread's slot of a pthread key, whose destructor releases it when the thread ends; nothing else holds on to it.
@safe final class ThreadContext {
    let cipher: OpaquePointer
    private var random = RandomPool()

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
        let fresh = ThreadContext()
        let status = unsafe pthread_setspecific(key, Unmanaged.passRetained(fresh).toOpaque())
        precondition(status == 0, "out of memory")
        return fresh
    }

    func nextRandom() -> UInt64 { random.next() }

    private static let key: pthread_key_t = {
        var key = pthread_key_t()
        let status = unsafe pthread_key_create(&key) { raw in
            if let raw = unsafe raw { unsafe Unmanaged<ThreadContext>.fromOpaque(raw).release() }
        }
        precondition(status == 0, "no thread-specific slot left")
        return key
    }()
}

/// Random numbers made 64 at a time; each is handed out once and then forgotten.
private struct RandomPool {
    private var words = [UInt64](repeating: 0, count: 64)
    private var unused = 0

    mutating func next() -> UInt64 {
        if unused == 0 {
            unsafe words.withUnsafeMutableBytes { unsafe Random.fill($0) }
            unused = words.count
        }
        unused -= 1
        let value = words[unused]
        words[unused] = 0
        return value
    }
}
