public import Contracts
internal import Crypto
internal import Encodings

extension SecretsFolder {
    /// The access key with which a service's own tools call it. It follows from the master key, so that whoever holds the service's secrets has it,
    /// and nobody else.
    public func toolKey(of service: ServiceName) throws(SecretsError) -> Keyring.CallerKey {
        let secret = HMACSHA256(key: try masterKey()).code(for: Array("strongroom/derive/tool calls".utf8)).bytes
        return Keyring.CallerKey(caller: service, accessKeyID: "STRONGROOMTOOL", secret: Base64.encode(secret))
    }
}
