public import Contracts

/// A caller with the claims about it already written, so that a token seen before costs no JSON again. All requests of a token share it.
public final class PreparedIdentity: Sendable {
    public let caller: CallerIdentity
    /// The members `sub` to `context`, a comma after each.
    let claims: [UInt8]

    public init(_ caller: CallerIdentity) {
        self.caller = caller
        var writer = ClaimWriter(reserving: 320)
        if let subject = caller.subject { writer.text(.subject, subject) }
        if let tenant = caller.tenant { writer.text(.tenant, tenant) }
        if let username = caller.username { writer.text(.username, username) }
        writer.list(.groups, caller.groups)
        writer.text(.scope, caller.scopes.joined(separator: " "))
        writer.text(.method, caller.method.rawValue)
        if let principal = caller.principal { writer.text(.principal, principal) }
        writer.map(.context, caller.context)
        claims = writer.bytes
    }

    public static let anyone = PreparedIdentity(.anyone)
}
