import Bytes
import Contracts
import HTTP
import Transport

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
    mutating func attach(_ name: HeaderName, _ value: [UInt8]) {
        lines.add(name, value)
        open(name)
        canonical.append(addingCapacity: value.count + 1) { output in
            output.append(copying: value.span)
            output.append(UInt8(ascii: "\n"))
        }
    }

    /// Signs a field that is there already, its white space as a verifier sees it: none at the ends, one space for each run.
    mutating func sign(_ name: HeaderName, _ value: Span<UInt8>) {
        open(name)
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

    private mutating func open(_ name: HeaderName) {
        let isFirst = names.isEmpty
        names.append(addingCapacity: name.bytes.count + 1) { output in
            if !isFirst { output.append(UInt8(ascii: ";")) }
            output.append(copying: name.bytes.span)
        }
        canonical.append(addingCapacity: name.bytes.count + 1) { output in
            output.append(copying: name.bytes.span)
            output.append(UInt8(ascii: ":"))
        }
    }

    static let identity = field(HeaderNames.identity)
    static let callID = field(HeaderNames.callID)
    static let requestID = field(HeaderNames.requestID)
    static let amzDate = field(HeaderNames.amzDate)
    static let amzTarget = field(HeaderNames.amzTarget)
    static let contentHash = field(HeaderNames.amzContentSHA256)
    static let securityToken = field(HeaderNames.amzSecurityToken)

    private static func field(_ name: String) -> HeaderName {
        guard let header = HeaderName(name) else { preconditionFailure("\(name) is no field name") }
        return header
    }
}
