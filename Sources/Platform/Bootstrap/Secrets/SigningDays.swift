internal import Bytes
internal import Crypto
public import Encodings
internal import SigV4

/// What is derived from an access key's secret for one who is called with it: a signing key for each of some days. It verifies, and could forge, calls to that
/// service on those days, and no more.
public struct SigningDays: Equatable, Sendable {
    /// Days that are derived ahead.
    public static let ahead = 7
    static let maximumCount = 32

    /// 32 bytes each, by day: `20261128`.
    public let keys: [String: [UInt8]]

    /// For yesterday, which is still needed around midnight, today, and the days ahead.
    public init(secret: String, region: String, callee: String, at now: Timestamp) {
        var keys: [String: [UInt8]] = [:]
        for day in -1...Self.ahead {
            let time = now.adding(seconds: Int64(day) * 86_400)
            let scope = CredentialScope(date: time, region: region, service: callee)
            keys[time.dateStamp()] = SigningKey.derive(secret: secret.utf8.span, scope: scope).bytes
        }
        self.keys = keys
    }

    /// Nil unless each is a day's, of 32 bytes, and there are no more than a month's.
    public init?(_ keys: [String: [UInt8]]) {
        let isPlain = keys.allSatisfy { day, key in
            day.utf8.count == 8 && day.utf8.allSatisfy(\.isDigit) && key.count == 32
        }
        guard isPlain, keys.count <= Self.maximumCount else { return nil }
        self.keys = keys
    }

    public func covers(_ time: Timestamp) -> Bool { keys[time.dateStamp()] != nil }
}
