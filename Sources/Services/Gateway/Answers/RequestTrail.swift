import Crypto
import Encodings
import Observability

/// The two ids that every answer of the gateway carries, its own and those it passes on.
struct RequestTrail: Sendable {
    let requestID: UUID

    /// The request's own id; a new one where it has none.
    init(_ event: RequestEvent?) { requestID = event?.requestID ?? UUID.v4(random: (Random.uint64(), Random.uint64())) }

    /// `x-amz-apigw-id`: 11 bytes in base64, which an operator can find the request by as well. It follows from the request's id.
    func appendGatewayID(to output: inout OutputSpan<UInt8>) {
        // 88 bits are 14 characters and a half; the last has four bits of them, and `=` follows.
        let alphabet = Self.alphabet.span
        let high = requestID.low ^ requestID.high.byteSwapped
        for index in 0..<10 { output.append(alphabet[Int(truncatingIfNeeded: high >> UInt64(58 - 6 * index)) & 63]) }
        let low = (high & 15) << 24 | (requestID.high >> 40) & 0xFF_FFFF
        for index in 0..<4 { output.append(alphabet[Int(truncatingIfNeeded: low >> UInt64(22 - 6 * index)) & 63]) }
        output.append(alphabet[Int(truncatingIfNeeded: low << 2) & 63])
        output.append(UInt8(ascii: "="))
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// The id as it is logged.
    func appendRequestID(to output: inout [UInt8]) { requestID.append(to: &output) }
}
