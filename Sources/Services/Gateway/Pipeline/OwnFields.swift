import Bytes
import Encodings
import HTTP

/// The fields the gateway adds to a request, in both forms they are needed in: as lines of the message and as lines of the canonical request
/// that is signed. They are to be attached in the order of their names.
struct OwnFields {
    var lines: FieldLines
    private(set) var canonical: [UInt8] = []
    /// Names of the signed fields with `;` between them.
    private(set) var names: [UInt8] = []

    init(reserving capacity: Int) {
        lines = FieldLines(reserving: capacity)
        canonical.reserveCapacity(1_536)
        names.reserveCapacity(160)
    }

    /// Adds and signs a field. Its value is the gateway's own and has no white space to be changed.
    mutating func attach(_ name: StaticString, _ value: Span<UInt8>) {
        lines.add(name, value)
        append(name)
        canonical.append(addingCapacity: name.utf8CodeUnitCount + value.count + 2) { output in
            output.append(literal: name)
            output.append(UInt8(ascii: ":"))
            output.append(copying: value)
            output.append(UInt8(ascii: "\n"))
        }
    }

    /// Signs a field that is there already, its white space as a verifier sees it: none at the ends, one space for each run.
    mutating func sign(_ name: StaticString, _ value: Span<UInt8>) {
        append(name)
        canonical.append(literal: name)
        canonical.append(UInt8(ascii: ":"))
        let start = canonical.count
        var pending = false
        for index in value.indices {
            if value[index] == 0x20 || value[index] == 0x09 {
                pending = canonical.count > start
                continue
            }
            if pending { canonical.append(0x20) }
            pending = false
            canonical.append(value[index])
        }
        canonical.append(UInt8(ascii: "\n"))
    }

    private mutating func append(_ name: StaticString) {
        let isFirst = names.isEmpty
        names.append(addingCapacity: name.utf8CodeUnitCount + 1) { output in
            if !isFirst { output.append(UInt8(ascii: ";")) }
            output.append(literal: name)
        }
    }
}
