internal import Crypto
internal import Encodings
internal import Shards

/// Makes and reads `nextToken`: the note a page ended with, and a code that binds it to its tenant and user.
///
/// A token that was made for anybody else, or by nobody, is refused. 33 bytes: a format number, the note's id, and half an
/// HMAC-SHA-256.
struct PageTokens: Sendable {
    private static let format: UInt8 = 1
    private let key: HMACSHA256

    init(key: [UInt8]) {
        self.key = HMACSHA256(key: key)
    }

    func token(after note: UUID, for owner: NoteOwner) -> String {
        let body = [Self.format] + note.bytes
        return Base64URL.encode(body + code(body, owner))
    }

    func note(in token: String, for owner: NoteOwner) throws(NotesError) -> UUID {
        guard token.utf8.count <= 64, let bytes = Base64URL.decode(token), bytes.count == 33, bytes[0] == Self.format,
            constantTimeEquals(Array(bytes[17...]), code(Array(bytes[..<17]), owner)), let note = UUID(bytes: bytes.span.extracting(1..<17))
        else { throw .invalid("nextToken is not valid") }
        return note
    }

    private func code(_ body: [UInt8], _ owner: NoteOwner) -> [UInt8] {
        // Neither a tenant's name nor a format can hold a zero byte, so the parts can't run into each other.
        let message = body + Array(owner.tenant.text.utf8) + [0] + Array(owner.user.utf8)
        return Array(key.code(for: message).bytes.prefix(16))
    }
}
