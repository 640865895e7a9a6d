internal import COpenSSL

/// What libssl reads records from and writes them to, on one loop: two pieces of memory, lent for the length of one call.
///
/// A BIO of libssl's own would keep a copy of every record for each connection. This one reads straight from the connection's buffer, and what
/// it writes is sent before anybody else comes.
///
/// Soundness: touched by the loop's thread only. `input` is set by the caller for one call into libssl, and taken back after it.
@safe final class TLSExchange {
    private(set) var output: UnsafeMutableRawPointer
    private(set) var outputCount = 0
    private var outputCapacity = 96 * 1024
    var input: UnsafeRawPointer?
    var inputCount = 0

    init() { unsafe output = .allocate(byteCount: outputCapacity, alignment: 16) }

    deinit { unsafe output.deallocate() }

    func clearOutput() { outputCount = 0 }

    /// A BIO for one connection. The exchange must outlive it, which it does: it is the loop's.
    func makeBIO() -> OpaquePointer? {
        guard let method = unsafe Self.method, let bio = unsafe BIO_new(method) else { return nil }
        unsafe BIO_set_data(bio, Unmanaged.passUnretained(self).toOpaque())
        unsafe BIO_set_init(bio, 1)
        return unsafe bio
    }

    private func read(into buffer: UnsafeMutablePointer<CChar>, _ wanted: Int) -> Int {
        guard inputCount > 0, let start = unsafe input else { return 0 }
        let count = min(wanted, inputCount)
        unsafe UnsafeMutableRawPointer(buffer).copyMemory(from: start, byteCount: count)
        unsafe input = start + count
        inputCount -= count
        return count
    }

    private func write(_ bytes: UnsafePointer<CChar>, _ count: Int) {
        if outputCount + count > outputCapacity {
            outputCapacity = max(outputCapacity * 2, outputCount + count)
            let larger = UnsafeMutableRawPointer.allocate(byteCount: outputCapacity, alignment: 16)
            unsafe larger.copyMemory(from: output, byteCount: outputCount)
            unsafe output.deallocate()
            unsafe output = unsafe larger
        }
        unsafe (output + outputCount).copyMemory(from: bytes, byteCount: count)
        outputCount += count
    }

    private static func of(_ bio: OpaquePointer?) -> TLSExchange {
        unsafe Unmanaged<TLSExchange>.fromOpaque(BIO_get_data(bio)!).takeUnretainedValue()
    }

    /// Made once and never changed.
    private nonisolated(unsafe) static let method: OpaquePointer? = {
        let type = BIO_get_new_index() | BIO_TYPE_SOURCE_SINK
        guard let method = unsafe BIO_meth_new(type, "strongroom loop") else { return nil }
        unsafe BIO_meth_set_read(method) { bio, buffer, wanted in
            unsafe strongroom_bio_clear_retry(bio)
            let count = unsafe TLSExchange.of(bio).read(into: buffer!, Int(wanted))
            if count > 0 { return Int32(count) }
            unsafe strongroom_bio_retry_read(bio)
            return -1
        }
        unsafe BIO_meth_set_write(method) { bio, bytes, count in
            unsafe strongroom_bio_clear_retry(bio)
            if count > 0 { unsafe TLSExchange.of(bio).write(bytes!, Int(count)) }
            return count
        }
        unsafe BIO_meth_set_ctrl(method) { _, command, _, _ in command == BIO_CTRL_FLUSH ? 1 : 0 }
        return unsafe method
    }()
}
