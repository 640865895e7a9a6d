/// The read buffers of one loop. A stream holds one only while it has unread bytes, so an idle connection costs none.
///
/// Soundness: touched by the loop's thread only; a stream gives back each buffer it took exactly once.
@safe struct BufferPool {
    static let bufferSize = 32 * 1024
    private static let keptAtMost = 64
    private var free: [UnsafeMutableRawPointer] = unsafe []

    mutating func take() -> UnsafeMutableRawPointer {
        if let buffer = unsafe free.popLast() { return unsafe buffer }
        return .allocate(byteCount: Self.bufferSize, alignment: 16)
    }

    mutating func giveBack(_ buffer: UnsafeMutableRawPointer) {
        if unsafe free.count < Self.keptAtMost { unsafe free.append(buffer) } else { unsafe buffer.deallocate() }
    }

    mutating func clear() {
        unsafe free.forEach { unsafe $0.deallocate() }
        unsafe free = []
    }
}
