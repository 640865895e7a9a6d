/// A number as it was written: integers that fit are kept as such, all else as text, so no digit is lost by reading and writing.
public struct JSONNumber: Hashable, Sendable {
    enum Storage: Hashable, Sendable {
        case integer(Int64)
        /// RFC 8259 §6 grammar, checked by whoever made it.
        case text(String)
    }
    let storage: Storage

    init(_ storage: Storage) {
        self.storage = storage
    }

    public init(_ value: Int64) {
        storage = .integer(value)
    }

    /// Nil for infinities and NaN, which JSON can't write.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        storage = .text(value.description)
    }

    /// The value of an integer literal (no fraction, no exponent) that fits; nil otherwise.
    public var int: Int64? {
        if case .integer(let value) = storage { value } else { nil }
    }

    /// The nearest double; infinite if the literal is beyond its range.
    public var double: Double {
        switch storage {
        case .integer(let value): Double(value)
        // The standard library reads every number of JSON's grammar; NaN would show that it doesn't.
        case .text(let text): Double(text) ?? .nan
        }
    }

    /// The literal.
    public var text: String {
        switch storage {
        case .integer(let value): value.description
        case .text(let text): text
        }
    }
}
