internal import Crypto

extension HMACSHA256 {
    /// Seals the manifests of a service's backups.
    init(ofBackupsUnder masterKey: [UInt8]) {
        self.init(key: HMACSHA256(key: masterKey).code(for: Array("strongroom/derive/backup manifest".utf8)).bytes)
    }
}
