internal import COpenSSL
internal import Glibc
internal import Synchronization

/// The keys under which session tickets are sealed (RFC 5077 §4), so that resuming costs the server no memory.
///
/// A key seals for four hours and opens for four more; a ticket is good for two. So a stolen key opens half a day's resumptions at most, and
/// no ticket dies early.
final class TicketKeys: Sendable {
    /// In seconds.
    static let lifetime: Int64 = 2 * 3600
    private static let sealsFor: Int64 = 4 * 3600

    private struct Key {
        let name: [UInt8]
        let cipher: [UInt8]
        let mac: [UInt8]
        let bornAt: Int64
    }

    private let keys = Mutex<[Key]>([])
    private let now: @Sendable () -> Int64

    init(now: @escaping @Sendable () -> Int64 = { EventLoop.wallClockSeconds }) { self.now = now }

    deinit {
        keys.withLock { keys in
            for index in keys.indices { Self.wipe(&keys[index]) }
        }
    }

    // MARK: What tests ask

    enum Opening { case newest, old, not }

    /// How many keys are held.
    var count: Int { keys.withLock { $0.count } }

    func nameForSealing() -> [UInt8] { sealingKey()?.0.name ?? [] }

    func opens(_ name: [UInt8]) -> Opening {
        guard let (_, isNewest) = openingKey(name) else { return .not }
        return isNewest ? .newest : .old
    }

    // MARK: What libssl asks

    /// What libssl is handed for a ticket: sets up the cipher and the MAC.
    ///
    /// - Returns: 0 no such key (full handshake) or failure, 1 done, 2 done and the client is to have a new ticket.
    ///
    /// Soundness: libssl's contract for `SSL_CTX_set_tlsext_ticket_key_evp_cb`: `name` and `iv` have 16 bytes each, and the contexts live as long as the call.
    func prepare(
        _ name: UnsafeMutablePointer<UInt8>, _ iv: UnsafeMutablePointer<UInt8>, _ cipher: OpaquePointer, _ mac: OpaquePointer, sealing: Bool,
        always: Bool
    ) -> Int32 {
        let found = sealing ? sealingKey() : unsafe openingKey(Array(UnsafeBufferPointer(start: name, count: 16)))
        guard let (key, isNewest) = found else { return 0 }
        if sealing {
            for index in 0..<16 { unsafe name[index] = key.name[index] }
            guard unsafe RAND_bytes(iv, 16) == 1 else { return 0 }
            guard unsafe EVP_EncryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipher, iv) == 1 else { return 0 }
        } else {
            guard unsafe EVP_DecryptInit_ex(cipher, EVP_aes_256_cbc(), nil, key.cipher, iv) == 1 else { return 0 }
        }
        guard unsafe strongroom_mac_set_key(mac, key.mac, key.mac.count) == 1 else { return 0 }
        return sealing || (isNewest && !always) ? 1 : 2
    }

    private func sealingKey() -> (Key, Bool)? {
        let now = now()
        return keys.withLock { keys in
            if keys.isEmpty || now >= keys[0].bornAt + Self.sealsFor {
                guard let fresh = Self.make(at: now) else { return nil }
                keys.insert(fresh, at: 0)
            }
            Self.dropOld(&keys, now)
            return (keys[0], true)
        }
    }

    private func openingKey(_ name: [UInt8]) -> (Key, Bool)? {
        let now = now()
        return keys.withLock { keys in
            Self.dropOld(&keys, now)
            guard let index = keys.firstIndex(where: { $0.name == name }) else { return nil }
            return (keys[index], index == 0 && now < keys[0].bornAt + Self.sealsFor)
        }
    }

    private static func dropOld(_ keys: inout [Key], _ now: Int64) {
        while let last = keys.last, keys.count > 2 || now >= last.bornAt + 2 * sealsFor {
            wipe(&keys[keys.count - 1])
            keys.removeLast()
        }
    }

    private static func make(at now: Int64) -> Key? {
        var bytes = [UInt8](repeating: 0, count: 80)
        guard unsafe RAND_bytes(&bytes, 80) == 1 else { return nil }
        return Key(name: Array(bytes[..<16]), cipher: Array(bytes[16..<48]), mac: Array(bytes[48...]), bornAt: now)
    }

    private static func wipe(_ key: inout Key) {
        var cipher = key.cipher
        var mac = key.mac
        key = Key(name: [], cipher: [], mac: [], bornAt: 0)
        unsafe OPENSSL_cleanse(&cipher, cipher.count)
        unsafe OPENSSL_cleanse(&mac, mac.count)
    }
}
