/// Where a service copies what it keeps, for one backup.
public struct BackupTarget: Sendable {
    /// It is there, and empty.
    public let folder: String
    /// Tenants that whoever asked for the backup wants left out, since their files can't be read.
    public let without: Set<String>

    public init(folder: String, without: Set<String> = []) {
        self.folder = folder
        self.without = without
    }

    /// So many are named. A disk that is full would have all of them named, one after the other.
    public static let mostNamed = 8

    /// Copies one tenant after the other. One that can't be copied ends the backup, but not before others that can't be are known.
    public func each<T: CustomStringConvertible>(
        isolation: isolated (any Actor)? = #isolation, _ tenants: [T], copy: (T) async throws -> Void
    ) async throws {
        var failed: [String] = []
        var first: (any Error)?
        for tenant in tenants where !without.contains(tenant.description) {
            try Task.checkCancellation()
            do { try await copy(tenant) } catch {
                failed.append(tenant.description)
                first = first ?? error
                if failed.count == Self.mostNamed { break }
            }
        }
        try Task.checkCancellation()
        if let first { throw BackupError.unreadable(tenants: failed, reason: "\(first)") }
    }
}
