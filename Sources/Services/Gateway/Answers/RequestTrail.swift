import Crypto
import Encodings
import Observability

/// The two ids that every answer of the gateway carries, its own and those it passes on.
struct RequestTrail: Sendable {
    let requestID: UUID

    /// The id of the request at work; a new one where there is none.
    static var current: UUID { RequestEvent.current?.requestID ?? UUID.v4(random: (Random.uint64(), Random.uint64())) }

    /// `x-amz-apigw-id`: 11 bytes in base64, which an operator can find the request by as well. It follows from the request's id.
    func appendGatewayID(to output: inout [UInt8]) {
        let first = requestID.low ^ requestID.high.byteSwapped
        let bytes = [UInt8](capacity: 11) { (out: inout OutputSpan<UInt8>) in
            for index in 0..<8 { out.append(UInt8(truncatingIfNeeded: first >> UInt64(8 * index))) }
            for index in 0..<3 { out.append(UInt8(truncatingIfNeeded: requestID.high >> UInt64(16 + 8 * index))) }
        }
        output.append(Base64.encode(bytes))
    }

    /// The id as it is logged.
    func appendRequestID(to output: inout [UInt8]) { requestID.append(to: &output) }
}
