public import Contracts
public import Crypto
public import Encodings
internal import JSON

/// What a backup holds: `backup.json`, written last, so that a folder without one is not a backup. A code under a key derived from the service's master
/// key tells it from one that somebody else wrote.
public struct BackupManifest: Equatable, Sendable {
    static let fileName = "backup.json"
    private static let format: Int64 = 1
    /// Room for a million files.
    static let limits = JSONLimits(bytes: 1 << 29, depth: 8, values: 1 << 24)

    public struct Entry: Equatable, Sendable {
        /// Below the backup's folder.
        public let path: String
        public let bytes: Int
        public let sha256: SHA256Digest
    }

    public let service: ServiceName
    public let cluster: String
    /// When the first file was begun: everything acknowledged before is in it.
    public let made: Timestamp
    public let files: [Entry]
    /// Tenants that were left out.
    public let without: [String]

    public var bytes: Int { files.reduce(0) { $0 + $1.bytes } }

    init(service: ServiceName, cluster: String, made: Timestamp, files: [Entry], without: [String] = []) {
        self.service = service
        self.cluster = cluster
        self.made = made
        self.files = files
        self.without = without
    }

    // MARK: JSON

    func encoded(under key: HMACSHA256) -> [UInt8] {
        let body = body
        return JSON.encode(["manifest": .string(Base64.encode(body)), "code": .string(Hex.encode(key.code(for: body).bytes))]) + [UInt8(ascii: "\n")]
    }

    /// - Parameter key: nil where the master key isn't at hand; then nothing says who wrote it.
    init(_ bytes: [UInt8], under key: HMACSHA256?, folder: String) throws(BackupError) {
        guard let outer = try? JSON.parse(bytes, limits: Self.limits), let body = outer["manifest"]?.string.flatMap({ Base64.decode($0) }),
            let code = outer["code"]?.string.flatMap({ Hex.decode($0) })
        else { throw .notABackup(folder: folder) }
        if let key, !key.isValid(code, for: body) { throw .foreign(folder: folder) }
        guard let value = try? JSON.parse(body, limits: Self.limits), value["format"]?.int == Self.format,
            let service = value["service"]?.string.flatMap({ ServiceName(rawValue: $0) }), let cluster = value["cluster"]?.string,
            let made = value["made"]?.int, let list = value["files"]?.array
        else { throw .notABackup(folder: folder) }
        var files: [Entry] = []
        for entry in list {
            guard let path = entry["path"]?.string, Self.isBelow(path), let bytes = entry["bytes"]?.int,
                let digest = entry["sha256"]?.string.flatMap({ Hex.decode($0) }).flatMap({ SHA256Digest($0) })
            else { throw .notABackup(folder: folder) }
            files.append(Entry(path: path, bytes: Int(clamping: bytes), sha256: digest))
        }
        let without = value["without"]?.array?.compactMap(\.string) ?? []
        self.init(service: service, cluster: cluster, made: Timestamp(microseconds: made), files: files, without: without)
    }

    private var body: [UInt8] {
        JSON.encode([
            "format": .number(JSONNumber(Self.format)),
            "service": .string(service.rawValue),
            "cluster": .string(cluster),
            "made": .number(JSONNumber(made.microseconds)),
            "without": .array(without.map { .string($0) }),
            "files": .array(
                files.map {
                    ["path": .string($0.path), "bytes": .number(JSONNumber(Int64($0.bytes))), "sha256": .string(Hex.encode($0.sha256.bytes))]
                }),
        ])
    }

    /// A name that leads out of the folder would let a manifest write anywhere.
    private static func isBelow(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return !path.utf8.contains(0) && parts.allSatisfy { !$0.isEmpty && $0 != "." && $0 != ".." }
    }
}
