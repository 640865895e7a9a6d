internal import CArgon2
internal import Glibc

/// Argon2id (RFC 9106), version 0x13, one lane.
///
/// Takes `iterations × memoryKiB` of one core and `memoryKiB` of memory while it runs: about 50 ms and 19 MiB with `.standard`. Never on a loop.
public struct Argon2id: Hashable, Sendable {
    public let iterations: UInt32
    public let memoryKiB: UInt32

    /// OWASP's first choice: 2 passes over 19 MiB.
    public static let standard = Argon2id(iterations: 2, memoryKiB: 19456)

    public init(iterations: UInt32, memoryKiB: UInt32) {
        self.iterations = iterations
        self.memoryKiB = memoryKiB
    }

    /// - Throws: `invalidParameter` for a salt under 8 bytes or parameters RFC 9106 §3.1 excludes, `library` when memory is short.
    public func hash(_ password: Span<UInt8>, salt: Span<UInt8>, count: Int = 32) throws(CryptoError) -> [UInt8] {
        guard salt.count >= 8, salt.count <= UInt32.max, password.count <= UInt32.max, count >= 4, iterations >= 1, memoryKiB >= 8 else {
            throw .invalidParameter
        }
        var out = [UInt8](repeating: 0, count: count)
        // libargon2 reads the two spans (it takes them as mutable only for a flag that is not set) and writes `count` bytes; it keeps no pointer.
        let status = unsafe password.withUnsafeBytes { password in
            unsafe salt.withUnsafeBytes { salt in
                unsafe out.withUnsafeMutableBytes { out in
                    var context = unsafe argon2_context()
                    unsafe (context.out, context.outlen) = (out.bindMemory(to: UInt8.self).baseAddress, UInt32(out.count))
                    unsafe (context.pwd, context.pwdlen) = (Self.bytes(password), UInt32(password.count))
                    unsafe (context.salt, context.saltlen) = (Self.bytes(salt), UInt32(salt.count))
                    unsafe (context.t_cost, context.m_cost, context.lanes, context.threads) = (iterations, memoryKiB, 1, 1)
                    unsafe context.version = ARGON2_VERSION_13.rawValue
                    // Straight from the system and back: malloc would keep 19 MiB for the next password.
                    unsafe context.allocate_cbk = { memory, count in
                        guard let pages = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                            unsafe pages != MAP_FAILED
                        else { return ARGON2_MEMORY_ALLOCATION_ERROR.rawValue }
                        unsafe memory?.pointee = pages.assumingMemoryBound(to: UInt8.self)
                        return ARGON2_OK.rawValue
                    }
                    unsafe context.free_cbk = { memory, count in unsafe munmap(memory, count) }
                    return unsafe argon2_ctx(&context, Argon2_id)
                }
            }
        }
        guard status == ARGON2_OK.rawValue else { throw .library(UInt(bitPattern: Int(status))) }
        return out
    }

    private static func bytes(_ buffer: UnsafeRawBufferPointer) -> UnsafeMutablePointer<UInt8>? {
        unsafe UnsafeMutablePointer(mutating: buffer.bindMemory(to: UInt8.self).baseAddress)
    }

    public func hash(_ password: [UInt8], salt: [UInt8]) throws(CryptoError) -> [UInt8] {
        try hash(password.span, salt: salt.span)
    }
}
