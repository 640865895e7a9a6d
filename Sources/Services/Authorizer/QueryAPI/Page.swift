internal import Encodings

/// One page of a list: `MaxItems` from after `Marker` on.
struct Page<Item: Sendable>: Sendable {
    let items: [Item]
    /// Where the next page begins; nil at the end.
    let marker: String?

    /// - Parameters:
    ///   - all: every item, with the key that orders it.
    init(of all: [(key: String, item: Item)], _ request: QueryRequest) throws(QueryError) {
        let size = try request.integer("MaxItems", in: 1...1000, default: 100)
        var rest = all.sorted { $0.key < $1.key }[...]
        if let marker = request.text("Marker") {
            guard let bytes = Base64URL.decode(marker), !bytes.isEmpty, let key = String(validating: bytes, as: UTF8.self) else {
                throw .invalidParameter("Marker", constraint: "Member must be a marker that an earlier call returned")
            }
            rest = rest.drop { $0.key <= key }
        }
        let page = rest.prefix(size)
        items = page.map(\.item)
        marker = page.count < rest.count ? page.last.map { Base64URL.encode(Array($0.key.utf8)) } : nil
    }

    func write(_ name: String, to xml: inout AnswerWriter, _ member: (Item, inout AnswerWriter) -> Void) {
        xml.element(name) { list in
            for item in items { list.element("member") { member(item, &$0) } }
        }
        xml.element("IsTruncated", marker == nil ? "false" : "true")
        if let marker { xml.element("Marker", marker) }
    }
}
