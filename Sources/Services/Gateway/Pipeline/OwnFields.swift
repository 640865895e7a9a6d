import Bytes
import Contracts
import Encodings
import HTTP
import SigV4

/// The fields the gateway adds to a request, in both forms they are needed in: as lines of the message and as lines of the canonical request
/// that is signed. They are to be attached in the order of their names.
struct OwnFields {
    var lines: FieldLines
    /// The canonical request, as far as its field lines.
    private var canonical: [UInt8] = []
    /// Names of the signed fields with `;` between them.
    private var names: [UInt8] = []

    /// - Parameter room: for the lines, in bytes.
    init(_ method: Method, _ target: [UInt8], room: Int) {
        lines = FieldLines(reserving: room)
        canonical.reserveCapacity(1_792 + target.count * 2)
        names.reserveCapacity(160)
        PreparedSigner.beginRequest(method: method.rawValue.utf8.span, target: target.span, in: &canonical)
    }

    /// Adds and signs a field. Its value is the gateway's own and has no white space to be changed.
    mutating func attach(_ name: StaticString, _ value: Span<UInt8>) { attach(name) { $0.append(value) } }

    /// Adds and signs a field whose value is appended where it is signed.
    mutating func attach(_ name: StaticString, _ write: (inout [UInt8]) -> Void) {
        append(name)
        canonical.append(addingCapacity: name.utf8CodeUnitCount + 1) { output in
            output.append(literal: name)
            output.append(UInt8(ascii: ":"))
        }
        let start = canonical.count
        write(&canonical)
        Self.add(name, canonical, from: start, to: &lines)
        canonical.append(UInt8(ascii: "\n"))
    }

    private static func add(_ name: StaticString, _ text: [UInt8], from start: Int, to lines: inout FieldLines) {
        lines.add(name, text.span.extracting(start...))
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

    /// Adds the signature over all of them. To be called once, last.
    mutating func sign(by signer: PreparedSigner, payloadHash: Span<UInt8>, at date: Timestamp, amzDate: Span<UInt8>) {
        let names = names
        signer.sign(&canonical, signedHeaders: names.span, payloadHash: payloadHash, date: date, amzDate: amzDate)
        Self.add(HeaderNames.authorization, canonical, from: 0, to: &lines)
    }
}
