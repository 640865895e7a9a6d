/// A table of routes that can't be.
public enum RouteError: Error, Hashable, Sendable {
    /// The pattern doesn't start with `/`, has an unclosed or unnamed `{parameter}`, or a `{rest+}` that isn't last.
    case malformedPattern(String)
    /// Two routes have the same method and match the same paths.
    case duplicate(String)
}
