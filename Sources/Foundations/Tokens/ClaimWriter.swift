import Bytes
import Contracts
import Crypto
import Encodings
import JSON

/// Writes the members of one JSON object for which `JSONWriter`'s state machine would be more than is needed. A comma follows each
/// member; `close` makes the last one a brace.
struct ClaimWriter {
    private(set) var bytes: [UInt8] = []

    init(reserving capacity: Int = 64) {
        bytes.reserveCapacity(capacity)
    }

    mutating func fragment(_ members: [UInt8]) {
        bytes.append(contentsOf: members)
    }

    /// `sub` to `context`.
    mutating func caller(_ caller: CallerIdentity) {
        if let subject = caller.subject { text(.subject, subject) }
        if let tenant = caller.tenant { text(.tenant, tenant) }
        if let username = caller.username { text(.username, username) }
        list(.groups, caller.groups)
        text(.scope, caller.scopes.joined(separator: " "))
        text(.method, caller.method.rawValue)
        if let principal = caller.principal { text(.principal, principal) }
        map(.context, caller.context)
    }

    mutating func text(_ claim: IdentityClaim, _ value: String) {
        key(claim)
        bytes.append(jsonString: value.utf8.span)
        separate()
    }

    mutating func list(_ claim: IdentityClaim, _ values: [String]) {
        key(claim)
        bytes.append(UInt8(ascii: "["))
        for value in values {
            bytes.append(jsonString: value.utf8.span)
            separate()
        }
        end(with: UInt8(ascii: "]"), isEmpty: values.isEmpty)
    }

    /// The members in the order of their names.
    mutating func map(_ claim: IdentityClaim, _ values: [String: String]) {
        key(claim)
        bytes.append(UInt8(ascii: "{"))
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            bytes.append(jsonString: name.utf8.span)
            bytes.append(UInt8(ascii: ":"))
            bytes.append(jsonString: value.utf8.span)
            separate()
        }
        end(with: UInt8(ascii: "}"), isEmpty: values.isEmpty)
    }

    mutating func seconds(_ claim: IdentityClaim, _ value: Int64) {
        key(claim)
        bytes.append(decimal: value)
        separate()
    }

    mutating func requestID(_ value: UUID) {
        key(.requestID)
        bytes.append(UInt8(ascii: "\""))
        value.append(to: &bytes)
        bytes.append(UInt8(ascii: "\""))
        separate()
    }

    mutating func digest(_ claim: IdentityClaim, _ value: SHA256Digest) {
        key(claim)
        bytes.append(UInt8(ascii: "\""))
        value.withSpan { Base64URL.encode($0, into: &bytes) }
        bytes.append(UInt8(ascii: "\""))
        separate()
    }

    mutating func close() {
        bytes[bytes.count - 1] = UInt8(ascii: "}")
    }

    private mutating func separate() {
        bytes.append(UInt8(ascii: ","))
    }

    /// A bracket in place of the last value's comma.
    private mutating func end(with bracket: UInt8, isEmpty: Bool) {
        if isEmpty { bytes.append(bracket) } else { bytes[bytes.count - 1] = bracket }
        separate()
    }

    private mutating func key(_ claim: IdentityClaim) {
        let spelling = IdentityClaim.spellings[claim.rawValue]
        bytes.append(addingCapacity: spelling.count + 3) { output in
            output.append(UInt8(ascii: "\""))
            output.append(copying: spelling.span)
            output.append(literal: "\":")
        }
    }
}
