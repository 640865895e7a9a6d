internal import Contracts
internal import Crypto
internal import Encodings
internal import Shards

/// Makes and reads `nextToken`: a cursor, sealed, with the tenant, the caller and the query as additional data.
///
/// So a token that was altered, or that belongs to another tenant, caller or query, does not open; and it tells nobody how long the
/// log is. Of the query all but the limit counts.
struct EventCursors: Sendable {
    private static let label = "strongroom/audit-cursor/3"
    private let cipher: AES256GCM

    init(key: [UInt8]) throws {
        cipher = try AES256GCM(key: key)
    }

    func token(after cursor: EventCursor, of query: EventQuery, for reader: AuditCaller) -> String {
        var plaintext: [UInt8] = []
        Self.append(cursor.log, to: &plaintext)
        Self.append(UInt64(bitPattern: cursor.leaf), to: &plaintext)
        Self.append(UInt64(bitPattern: cursor.head), to: &plaintext)
        return Base64URL.encode(cipher.sealBox(plaintext, additionalData: Self.binding(query, reader)))
    }

    func cursor(in token: String, of query: EventQuery, for reader: AuditCaller) throws(AuditError) -> EventCursor {
        guard token.utf8.count <= 80, let box = Base64URL.decode(token),
            // The one reason for a throw is that the token is not ours, or not for this query.
            let plaintext = try? cipher.openBox(box, additionalData: Self.binding(query, reader)), plaintext.count == 24
        else { throw .invalid("nextToken does not belong to this query") }
        let numbers = [0, 8, 16].map { start in plaintext[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) } }
        return EventCursor(log: numbers[0], leaf: Int64(bitPattern: numbers[1]), head: Int64(bitPattern: numbers[2]))
    }

    /// Each part with its length before it, and absent ones told from empty ones, so that no two queries give the same bytes.
    private static func binding(_ query: EventQuery, _ reader: AuditCaller) -> [UInt8] {
        let filter = query.filter
        let parts: [String?] = [
            label, reader.tenant.text, reader.user, query.order.rawValue, filter.user, filter.note, filter.action, filter.outcome?.name,
            filter.sourceAddress, filter.from.map { "\($0.microseconds)" }, filter.to.map { "\($0.microseconds)" },
        ]
        var bytes: [UInt8] = []
        for part in parts {
            append(part.map { UInt64($0.utf8.count) } ?? .max, to: &bytes)
            bytes.append(part ?? "")
        }
        return bytes
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift))) }
    }
}
