/// Whether a service can do its work now; what `/readyz` tells.
public enum Readiness: Equatable, Sendable {
    case ready
    /// Not now, for this reason: a constant phrase, such as "the authorizer does not answer".
    case notReady(StaticReason)

    /// See ``DataFolder``: of one of its files, or what SQLite keeps beside it.
    public static var fileMoved: Readiness {
        .notReady("a file of the data folder, or its -wal, was moved, removed or replaced; nothing is written to it any more")
    }

    /// A phrase written in the source, so that nothing of a request or a secret can reach `/readyz`.
    public struct StaticReason: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
        public let description: String

        public init(stringLiteral value: StaticString) {
            description = value.description
        }
    }
}
