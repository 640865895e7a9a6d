public import Bootstrap

extension MasterKey {
    /// The service's own, from its folder of secrets.
    public init(of secrets: SecretsFolder) throws(SecretsError) {
        guard let key = MasterKey(try secrets.masterKey()) else {
            throw .malformed(file: secrets.masterKeyFile, part: "\(Self.byteCount) bytes")
        }
        self = key
    }
}
