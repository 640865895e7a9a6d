import HTTP

/// The wire protocols of the AWS APIs that share `POST /`: how a request names its service, and how an error looks.
enum AWSProtocol: Equatable, Sendable {
    /// AWS JSON 1.1: identity, told by `X-Amz-Target`.
    case json
    /// The Query API of STS and IAM, told by the credential scope.
    case query(namespace: String)
    /// STS for a caller whose `Accept` is JSON's: the same members.
    case queryJSON

    static let sts = AWSProtocol.query(namespace: "https://sts.amazonaws.com/doc/2011-06-15/")
    static func sts(for headers: Headers) -> AWSProtocol { headers.asksForJSON ? .queryJSON : .sts }
    static let iam = AWSProtocol.query(namespace: "https://iam.amazonaws.com/doc/2010-05-08/")
}
