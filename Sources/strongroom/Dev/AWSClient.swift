import Bootstrap
import Crypto
import Encodings
import HTTP
import JSON
import SigV4
import Trust

/// Calls the cluster's AWS-compatible APIs from outside, as the CLI would: JSON 1.1, signed with an access key.
struct AWSClient {
    let http: HTTPClient
    let gateway: Endpoint
    let region: String
    let credentials: Credentials
    let clock: WallClock

    /// Calls one operation of the user pools API.
    ///
    /// - Throws: `DevError.refused` for every status but 200.
    func identity(_ operation: String, _ input: JSONValue) async throws -> JSONValue {
        let response = try await send(operation, JSON.encode(input))
        let body = try await response.body.collect(upTo: 1 << 20)
        guard response.status == .ok else {
            throw DevError.refused(operation: operation, status: Int(response.status.rawValue), body: String(decoding: body, as: UTF8.self))
        }
        return try JSON.parse(body)
    }

    private func send(_ operation: String, _ body: [UInt8]) async throws -> ClientResponse {
        let now = clock.now()
        let payload = Hex.encode(SHA256.hash(body.span).bytes)
        var headers: Headers = [
            .contentType: "application/x-amz-json-1.1",
            "x-amz-target": "AWSCognitoIdentityProviderService.\(operation)",
            "x-amz-date": now.amzDate(),
            "x-amz-content-sha256": payload,
        ]
        headers.add(.host, gateway.description)
        let signer = Signer(credentials: credentials, region: region, service: "cognito-idp")
        let names = Signer.signedHeaders(of: headers)
        guard
            let authorization = signer.authorization(
                method: "POST".utf8.span, target: "/".utf8.span, fields: headers, signedHeaders: names.span,
                payloadHash: payload.utf8.span, date: now)
        else { preconditionFailure("every signed header is among the headers") }
        headers.add(.authorization, authorization)
        return try await http.send(ClientRequest(.post, "/", headers: headers, body: .bytes(body)), to: gateway)
    }
}
