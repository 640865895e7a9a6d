internal import Bootstrap
internal import Crypto
internal import Shards

extension HMACSHA256 {
    /// Seals the manifests of a service's backups.
    init(ofBackupsUnder secrets: SecretsFolder) throws(SecretsError) {
        self.init(key: try MasterKey(of: secrets).derive("backup manifest"))
    }
}
