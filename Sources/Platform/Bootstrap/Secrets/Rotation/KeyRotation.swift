internal import Contracts
internal import Crypto
public import Encodings
internal import Files
internal import Processes

/// Replaces the keys that services share in pairs, in the folders of a cluster that runs: verifiers get new ones, then signers, and later verifiers forget
/// the old. Services take changed files into use by themselves (`SecretsWatch`).
///
/// Each step begins with what the files say, so one that was interrupted is run again. One at a time; nobody else rotates meanwhile.
public struct KeyRotation: Sendable {
    private let kind: SharedKeyKind
    private let root: String
    private let lock: LockFile

    /// Seconds after which a service that runs has surely taken changed files into use: what it signs from then on is signed with the new key.
    private static let takeUp: Int64 = 120

    /// - Parameter root: the folder below which each service's folder lies.
    public init(_ kind: SharedKeyKind, below root: String) throws { try self.init(kind, below: root, as: CurrentProcess.user) }

    init(_ kind: SharedKeyKind, below root: String, as user: UInt32) throws {
        self.kind = kind
        self.root = root
        for service in ServiceName.allCases {
            let folder = SecretsFolder(of: service, below: root)
            guard File.exists(folder.keyringFile) else {
                throw SecretsError.unreadable(file: folder.keyringFile, cause: "\(folder.keyringFile) is not there")
            }
            guard try File.owner(folder.keyringFile) == user else { throw KeyRotationError.notOwner(folder: folder.path) }
        }
        lock = try LockFile(Self.lockFile(below: root))
    }

    /// Held by whoever replaces keys of any kind.
    static func lockFile(below root: String) -> String { "\(SecretsFolder(of: .authorizer, below: root).path)/rotation.lock" }

    /// Gives each verifier a new key beside the one it has. Signers may take them once every verifier has read its file.
    /// - Parameter now: a callee gets what is derived from a caller's new secret for the days that follow; the authorizer has the secret.
    /// - Returns: how many pairs rotate.
    public func publish(at now: Timestamp) throws -> Int {
        let cluster = try SecretsOfCluster(below: root)
        let stages = kind.pairs.map { cluster.pair(kind, $0.signer, $0.verifier).stage }
        // One that was interrupted while it noted the time has both: it is to be ended, not begun again.
        let isUnfinished = stages.contains(.published) || stages.contains(.moved)
        try change(at: now) { pair in
            if case .overlapping(let since) = pair.stage, !isUnfinished { throw KeyRotationError.overlapping(since: since) }
            pair.publish(Self.makeKey(kind))
        }
        return kind.pairs.count
    }

    /// Gives each signer its verifier's new key, and notes the time.
    public func move(at now: Timestamp) throws {
        try change(at: now) { $0.move() }
        try change(at: now) { $0.note(now) }
    }

    /// Lets verifiers forget what was replaced, `overlap` seconds ago at least.
    ///
    /// Time alone doesn't tell when an event key is of no more use: audit may have been away since, and filled again from a backup of before. A backup is made
    /// only of a log that lacks nothing, so one that is younger than the keys has all that they have signed. Keys that have leaked don't wait for it.
    /// - Parameters:
    ///   - overlap: less than ``SharedKeyKind/overlap`` is for keys that have leaked.
    ///   - auditBackup: when a backup of audit was begun; for event keys.
    /// - Returns: how many pairs had something to forget.
    public func retire(overlap: Int64, auditBackup: Timestamp? = nil, at now: Timestamp) throws -> Int {
        var count = 0
        try change(at: now) { pair in
            switch pair.stage {
            case .overlapping(let since):
                let until = since.adding(seconds: overlap)
                guard now >= until else { throw KeyRotationError.tooEarly(until: until) }
                if kind == .event, overlap >= kind.overlap {
                    let signed = since.adding(seconds: Self.takeUp)
                    guard let auditBackup, auditBackup >= signed else { throw KeyRotationError.notBackedUp(since: signed) }
                }
                pair.retire()
                count += 1
            case .published, .moved: throw KeyRotationError.unfinished
            case .absent, .settled, .torn: break
            }
        }
        return count
    }

    /// Changes all pairs, or none.
    private func change(at now: Timestamp, _ body: (inout KeyPair) throws -> Void) throws {
        let before = try SecretsOfCluster(below: root)
        var after = before
        for (signer, verifier) in kind.pairs {
            var pair = before.pair(kind, signer, verifier)
            guard pair.stage != .torn else { throw KeyRotationError.torn(signer: signer, verifier: verifier) }
            try body(&pair)
            after.set(pair, kind, at: now)
        }
        try after.write(replacing: before)
    }

    private static func makeKey(_ kind: SharedKeyKind) -> KeyPair.Key {
        switch kind {
        case .call: KeyPair.Key(id: IAMIdentifiers.accessKeyID(), secret: IAMIdentifiers.secret())
        case .identity, .event: KeyPair.Key(id: SecretsGenerator.kid(), secret: Base64.encode(Random.bytes(SecretsGenerator.keyLength)))
        }
    }
}
