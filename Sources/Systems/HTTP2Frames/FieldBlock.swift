internal import Bytes
internal import CNGHTTP2

/// The fields of one header block: a client's as they came, pseudo-header fields among them, or ours on their way out.
public struct FieldBlock: Sendable {
    struct Field: Sendable {
        var nameStart: Int32
        var valueStart: Int32
        var end: Int32
        var isOneOff: Bool
    }

    public private(set) var bytes: [UInt8] = []
    private(set) var fields: [Field] = []
    /// There were more than the limit, and what was beyond it is not here.
    public internal(set) var isCut = false

    public init() {}

    /// Makes room for what is usual.
    public mutating func reserve(bytes: Int, fields: Int) {
        self.bytes.reserveCapacity(bytes)
        self.fields.reserveCapacity(fields)
    }

    public var count: Int { fields.count }
    public func nameRange(at index: Int) -> Range<Int> { Int(fields[index].nameStart)..<Int(fields[index].valueStart) }
    public func valueRange(at index: Int) -> Range<Int> { Int(fields[index].valueStart)..<Int(fields[index].end) }

    /// Adds a field; its name goes out in lower case (RFC 9113 §8.2).
    /// - Parameter isOneOff: the value won't be seen again, so the client need not remember it (RFC 7541 §6.2.2).
    public mutating func add(_ name: Span<UInt8>, _ value: Span<UInt8>, isOneOff: Bool = false) {
        let nameStart = Int32(bytes.count)
        bytes.append(addingCapacity: name.count + value.count) { (out: inout OutputSpan<UInt8>) in
            for index in name.indices { out.append(name[index].lowercased) }
            out.append(copying: value)
        }
        fields.append(Field(nameStart: nameStart, valueStart: nameStart + Int32(name.count), end: Int32(bytes.count), isOneOff: isOneOff))
    }

    /// Adds a field whose value is a number.
    public mutating func add(_ name: Span<UInt8>, decimal value: Int) {
        let nameStart = Int32(bytes.count)
        bytes.append(addingCapacity: name.count + 20) { (out: inout OutputSpan<UInt8>) in
            out.append(copying: name)
            out.append(decimal: UInt64(value))
        }
        fields.append(Field(nameStart: nameStart, valueStart: nameStart + Int32(name.count), end: Int32(bytes.count), isOneOff: false))
    }

    /// The caller vouches for the memory for the length of the call.
    mutating func append(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) {
        let nameStart = Int32(bytes.count)
        unsafe bytes.append(contentsOf: name)
        unsafe bytes.append(contentsOf: value)
        fields.append(Field(nameStart: nameStart, valueStart: nameStart + Int32(name.count), end: Int32(bytes.count), isOneOff: false))
    }

    /// Lends the fields in nghttp2's form. It copies what it keeps.
    func withPairs<R>(_ body: (UnsafePointer<nghttp2_nv>, Int) -> R) -> R {
        unsafe bytes.withUnsafeBufferPointer { raw in
            unsafe withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: max(1, fields.count)) { pairs in
                for index in fields.indices {
                    let field = fields[index]
                    let start = unsafe UnsafeMutablePointer(mutating: raw.baseAddress!)
                    unsafe pairs.initializeElement(
                        at: index,
                        to: nghttp2_nv(
                            name: start + Int(field.nameStart), value: start + Int(field.valueStart),
                            namelen: Int(field.valueStart - field.nameStart),
                            valuelen: Int(field.end - field.valueStart),
                            flags: UInt8(field.isOneOff ? NGHTTP2_NV_FLAG_NO_INDEX.rawValue : NGHTTP2_NV_FLAG_NONE.rawValue)))
                }
                return unsafe body(UnsafePointer(pairs.baseAddress!), fields.count)
            }
        }
    }
}
