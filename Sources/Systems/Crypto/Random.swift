internal import CPosix
internal import Glibc

/// Cryptographically secure random bytes: the kernel's generator.
public enum Random {
    public static func bytes(_ count: Int) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        fill(&bytes)
        return bytes
    }

    public static func fill(_ bytes: inout [UInt8]) {
        // getrandom is handed the array's own memory and count.
        unsafe bytes.withUnsafeMutableBytes { unsafe fill($0) }
    }

    /// From a small pool kept for each thread, so that an identifier costs no system call.
    public static func uint64() -> UInt64 {
        ThreadContext.nextRandom()
    }

    /// Appends a few bytes from the same pool as ``uint64()``.
    public static func append(_ count: Int, to bytes: inout [UInt8]) {
        let context = ThreadContext.current
        guard count > 0 else { return }
        bytes.append(addingCapacity: count) { (out: inout OutputSpan<UInt8>) in
            var word: UInt64 = 0
            for index in 0..<count {
                if index % 8 == 0 { word = context.nextRandom() }
                out.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
    }

    static func fill(_ buffer: UnsafeMutableRawBufferPointer) {
        var rest = unsafe buffer
        while unsafe !rest.isEmpty {
            // getrandom(2) writes up to as many bytes as it is told there is room for; a signal may end it early.
            let count = unsafe getrandom(rest.baseAddress, rest.count, 0)
            precondition(count > 0 || errno == EINTR, "the kernel has no random numbers")
            if count > 0 { unsafe rest = UnsafeMutableRawBufferPointer(rebasing: rest[count...]) }
        }
    }
}
