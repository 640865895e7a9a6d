internal import CUV
internal import Glibc

/// An IP address and a port.
public struct SocketAddress: Hashable, Sendable {
    public enum Family: Hashable, Sendable { case ipv4, ipv6 }

    public let family: Family
    /// The address in network byte order, as two words; an IPv4 address is in the low 32 bits of `low`.
    let high: UInt64
    let low: UInt64
    let scope: UInt32
    public let port: UInt16

    /// A numeric address: `127.0.0.1`, `::1`. Nil if `host` is a name or malformed.
    public init?(host: String, port: UInt16) {
        var four = in_addr()
        if unsafe inet_pton(AF_INET, host, &four) == 1 {
            self.init(family: .ipv4, high: 0, low: UInt64(UInt32(bigEndian: four.s_addr)), scope: 0, port: port)
            return
        }
        var six = in6_addr()
        guard unsafe inet_pton(AF_INET6, host, &six) == 1 else { return nil }
        self.init(six, scope: 0, port: port)
    }

    init(family: Family, high: UInt64, low: UInt64, scope: UInt32, port: UInt16) {
        self.family = family
        self.high = high
        self.low = low
        self.scope = scope
        self.port = port
    }

    private init(_ six: in6_addr, scope: UInt32, port: UInt16) {
        let (high, low) = unsafe withUnsafeBytes(of: six) { bytes in
            unsafe (UInt64(bigEndian: bytes.load(as: UInt64.self)), UInt64(bigEndian: bytes.load(fromByteOffset: 8, as: UInt64.self)))
        }
        // An IPv4 address in IPv6's clothes (RFC 4291 §2.5.5.2), as a listener for both has it from the kernel, is the same address.
        let isMapped = high == 0 && low >> 32 == 0xffff
        self.init(family: isMapped ? .ipv4 : .ipv6, high: high, low: isMapped ? low & 0xffff_ffff : low, scope: isMapped ? 0 : scope, port: port)
    }

    init?(_ storage: sockaddr_storage) {
        var copy = storage
        switch Int32(storage.ss_family) {
        case AF_INET:
            let four = unsafe withUnsafeBytes(of: &copy) { unsafe $0.load(as: sockaddr_in.self) }
            self.init(
                family: .ipv4, high: 0, low: UInt64(UInt32(bigEndian: four.sin_addr.s_addr)), scope: 0,
                port: UInt16(bigEndian: four.sin_port))
        case AF_INET6:
            let six = unsafe withUnsafeBytes(of: &copy) { unsafe $0.load(as: sockaddr_in6.self) }
            self.init(six.sin6_addr, scope: six.sin6_scope_id, port: UInt16(bigEndian: six.sin6_port))
        default: return nil
        }
    }

    public static func loopback(port: UInt16) -> SocketAddress {
        SocketAddress(family: .ipv4, high: 0, low: 0x7f00_0001, scope: 0, port: port)
    }

    public func with(port: UInt16) -> SocketAddress { SocketAddress(family: family, high: high, low: low, scope: scope, port: port) }

    /// The address in network byte order: 4 or 16 bytes.
    public var addressBytes: [UInt8] {
        let words = family == .ipv4 ? [] : [high]
        let bytes = (words + [low]).flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> (56 - 8 * $0)) } }
        return family == .ipv4 ? Array(bytes[4...]) : bytes
    }

    /// The address without its port, as text.
    public var host: String {
        // Every request of a service asks for it; at most 15 characters, so no memory is asked for.
        if family == .ipv4 {
            return unsafe String(unsafeUninitializedCapacity: 15) { text in
                var count = 0
                for part in 0..<4 {
                    count = unsafe Self.write(UInt8(truncatingIfNeeded: low >> UInt64(24 - 8 * part)), to: text, at: count)
                    if part < 3 {
                        unsafe text[count] = UInt8(ascii: ".")
                        count += 1
                    }
                }
                return count
            }
        }
        return unsafe withStorage { storage, _ in
            unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 64) { text in
                switch family {
                case .ipv4:
                    _ = unsafe uv_ip4_name(UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr_in.self), text.baseAddress!, 64)
                case .ipv6:
                    _ = unsafe uv_ip6_name(UnsafeRawPointer(storage).assumingMemoryBound(to: sockaddr_in6.self), text.baseAddress!, 64)
                }
                return unsafe String(cString: text.baseAddress!)
            }
        }
    }

    /// Writes 1 to 3 digits; there is room for four such numbers and their dots.
    private static func write(_ value: UInt8, to text: UnsafeMutableBufferPointer<UInt8>, at start: Int) -> Int {
        var count = start
        if value >= 100 {
            unsafe text[count] = UInt8(ascii: "0") + value / 100
            count += 1
        }
        if value >= 10 {
            unsafe text[count] = UInt8(ascii: "0") + value / 10 % 10
            count += 1
        }
        unsafe text[count] = UInt8(ascii: "0") + value % 10
        return count + 1
    }

    func withStorage<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var storage = sockaddr_storage()
        let length: Int
        switch family {
        case .ipv4:
            var four = sockaddr_in()
            four.sin_family = sa_family_t(AF_INET)
            four.sin_port = port.bigEndian
            four.sin_addr.s_addr = UInt32(truncatingIfNeeded: low).bigEndian
            length = MemoryLayout<sockaddr_in>.size
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: four, as: sockaddr_in.self) }
        case .ipv6:
            var six = sockaddr_in6()
            six.sin6_family = sa_family_t(AF_INET6)
            six.sin6_port = port.bigEndian
            six.sin6_scope_id = scope
            unsafe withUnsafeMutableBytes(of: &six.sin6_addr) { bytes in
                unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
                unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
            }
            length = MemoryLayout<sockaddr_in6>.size
            unsafe withUnsafeMutableBytes(of: &storage) { unsafe $0.storeBytes(of: six, as: sockaddr_in6.self) }
        }
        return unsafe withUnsafePointer(to: storage) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, socklen_t(length)) }
        }
    }
}

extension SocketAddress: CustomStringConvertible {
    public var description: String { family == .ipv4 ? "\(host):\(port)" : "[\(host)]:\(port)" }
}
