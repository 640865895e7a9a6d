/// The read buffers of one loop. A stream holds one only while it has unread bytes, so an idle connection costs none.
///
/// Soundness: touched by the loop's thread only; a stream gives back each buffer it took exactly once.
@safe struct BufferPool {
    static let bufferSize = 32 * 1024
    /// What is kept however long nobody needs it.
    private static let keptAlways = 64
    private static let keptAtMost = 1024
    private var free: [UnsafeMutableRawPointer] = unsafe []
    /// How few were free since the last ``trim()``: so many more than were needed.
    private var leastFree = 0

    mutating func take() -> UnsafeMutableRawPointer {
        guard let buffer = unsafe free.popLast() else { return .allocate(byteCount: Self.bufferSize, alignment: 16) }
        leastFree = min(leastFree, unsafe free.count)
        return unsafe buffer
    }

    mutating func giveBack(_ buffer: UnsafeMutableRawPointer) {
        if unsafe free.count < Self.keptAtMost { unsafe free.append(buffer) } else { unsafe buffer.deallocate() }
    }

    /// To be called now and then: frees a half of what nobody has needed since the last time.
    mutating func trim() {
        let spare = max(0, leastFree - Self.keptAlways)
        for _ in 0..<((spare + 1) / 2) { unsafe free.removeLast().deallocate() }
        leastFree = unsafe free.count
    }

    mutating func clear() {
        unsafe free.forEach { unsafe $0.deallocate() }
        unsafe free = []
        leastFree = 0
    }
}
