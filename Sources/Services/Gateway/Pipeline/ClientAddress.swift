import HTTP
import Transport

/// Whose request it is: the other end of the connection, or what a proxy that is trusted says. Nobody else's `X-Forwarded-For` is read.
struct ClientAddress: Sendable {
    /// A block of addresses, `10.0.0.0/8`.
    struct Block: Hashable, Sendable {
        let address: [UInt8]
        let bits: Int

        init?(_ text: String) {
            let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
            guard let address = SocketAddress(host: String(parts[0]), port: 0)?.addressBytes else { return nil }
            self.address = address
            guard parts.count == 2 else {
                bits = address.count * 8
                return
            }
            // Of an IPv4 address in IPv6's clothes the last 32 bits are the address.
            let before = address.count == 4 && parts[0].contains(":") ? 96 : 0
            guard let bits = Int(parts[1]), (before...before + address.count * 8).contains(bits), String(bits) == parts[1] else { return nil }
            self.bits = bits - before
        }

        func contains(_ other: [UInt8]) -> Bool {
            guard other.count == address.count else { return false }
            for bit in 0..<bits where (address[bit / 8] ^ other[bit / 8]) >> UInt8(7 - bit % 8) & 1 == 1 { return false }
            return true
        }
    }

    let trusted: [Block]

    /// The client's address as text.
    func source(peer: SocketAddress, forwardedFor: Int?, headers: Headers) -> String {
        guard !trusted.isEmpty, forwardedFor != nil, isTrusted(peer.addressBytes) else { return peer.host }
        // The fields of a list are one list (RFC 9110 §5.3). From the right: each proxy appends whom it heard from.
        var hops: [String] = []
        for index in 0..<headers.count {
            guard headers.withName(at: index, { HeaderName.forwardedFor.matches($0) }) else { continue }
            let value = String(decoding: headers.bytes[headers.valueRange(at: index)], as: UTF8.self)
            hops += value.split(separator: ",", omittingEmptySubsequences: false).map { $0.filter { $0 != " " && $0 != "\t" } }
        }
        var nearest = peer.host
        for hop in hops.reversed() {
            // What is no address ends the chain: whoever wrote it is not one to be believed further.
            guard let address = SocketAddress(host: hop, port: 0) else { return nearest }
            nearest = address.host
            if !isTrusted(address.addressBytes) { return nearest }
        }
        return nearest
    }

    private func isTrusted(_ address: [UInt8]) -> Bool {
        trusted.contains { $0.contains(address) }
    }
}
