import Bytes
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

    mutating func separate() {
        bytes.append(UInt8(ascii: ","))
    }

    mutating func text(_ claim: IdentityClaim, _ value: String) {
        key(claim)
        bytes.append(jsonString: value.utf8.span)
        separate()
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

    private mutating func key(_ claim: IdentityClaim) {
        let spelling = IdentityClaim.spellings[claim.rawValue]
        bytes.append(addingCapacity: spelling.count + 3) { output in
            output.append(UInt8(ascii: "\""))
            output.append(copying: spelling.span)
            output.append(literal: "\":")
        }
    }
}
