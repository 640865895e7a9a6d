import Crypto
import Encodings
import JSON
import Shards

/// A list that comes in pages: an operation's, and what else decides which items are in it, such as its pool.
struct PagedList: Sendable {
    let operation: Operation
    let parts: [String]

    init(_ operation: Operation, of parts: String...) {
        self.operation = operation
        self.parts = parts
    }
}

/// Makes and reads the tokens of lists: the sort key of a page's last item, sealed, with the list as additional data.
///
/// So a token that was made up or altered, or that is another list's, does not open: it would show nothing, or pass items over.
struct PageTokens: Sendable {
    private let cipher: AES256GCM

    init(_ master: MasterKey) throws(CryptoError) {
        cipher = try AES256GCM(key: master.derive("identity/page-token/1"))
    }

    /// The token of the page behind the item with this key.
    func token(after key: String, of list: PagedList) -> JSONValue {
        .string(Base64URL.encode(cipher.sealBox(Array(key.utf8), additionalData: Self.binding(list))))
    }

    /// The key in a page's token; nil on the first page, which has none.
    func key(in page: Page, of list: PagedList) throws(IdentityError) -> String? {
        guard let token = page.token else { return nil }
        // Whatever doesn't open is no token of this list; why is nobody's business.
        guard let box = Base64URL.decode(token), let bytes = try? cipher.openBox(box, additionalData: Self.binding(list)),
            let key = String(validating: bytes, as: UTF8.self)
        else { throw .invalidPaginationToken }
        return key
    }

    /// For lists whose key is a row number; zero on the first page.
    func row(in page: Page, of list: PagedList) throws(IdentityError) -> Int64 {
        guard let key = try key(in: page, of: list) else { return 0 }
        guard let row = Int64(key) else { throw .invalidPaginationToken }
        return row
    }

    /// Each part with its length before it, so that no two lists give the same bytes.
    private static func binding(_ list: PagedList) -> [UInt8] {
        ([list.operation.rawValue] + list.parts).flatMap { Array("\($0.utf8.count):\($0)".utf8) }
    }
}
