public import Contracts
import JSON

/// A caller with the claims about it already written, so that a token seen before costs no JSON again. All requests of a token share it.
public final class PreparedIdentity: Sendable {
    public let caller: CallerIdentity
    /// The members `sub` to `context`, without braces.
    let claims: [UInt8]

    public init(_ caller: CallerIdentity) {
        self.caller = caller
        var writer = JSONWriter()
        writer.beginObject()
        for (claim, value) in [(IdentityClaim.subject, caller.subject), (.tenant, caller.tenant), (.username, caller.username)] {
            guard let value else { continue }
            writer.key(claim.name)
            writer.string(value)
        }
        writer.key(IdentityClaim.groups.name)
        writer.beginArray()
        for group in caller.groups { writer.string(group) }
        writer.endArray()
        writer.key(IdentityClaim.scope.name)
        writer.string(caller.scopes.joined(separator: " "))
        writer.key(IdentityClaim.method.name)
        writer.string(caller.method.rawValue)
        if let principal = caller.principal {
            writer.key(IdentityClaim.principal.name)
            writer.string(principal)
        }
        writer.key(IdentityClaim.context.name)
        writer.beginObject()
        for (name, value) in caller.context.sorted(by: { $0.key < $1.key }) {
            writer.key(name)
            writer.string(value)
        }
        writer.endObject()
        claims = Array(writer.bytes.dropFirst())
    }

    public static let anyone = PreparedIdentity(.anyone)
}
