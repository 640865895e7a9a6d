internal import Crypto
internal import Encodings

/// The access key of a service's own tools.
public struct ToolKey: Sendable {
    public let accessKeyID: String
    public let secret: String
}

extension SecretsFolder {
    /// The access key with which a service's own tools call it. It follows from the master key, so that whoever holds the service's secrets has it,
    /// and nobody else.
    public func toolKey() throws(SecretsError) -> ToolKey {
        let secret = HMACSHA256(key: try masterKey()).code(for: Array("strongroom/derive/tool calls".utf8)).bytes
        return ToolKey(accessKeyID: "STRONGROOMTOOL", secret: Base64.encode(secret))
    }
}
