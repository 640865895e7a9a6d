/// Why a request target has no single meaning. Every case is answered 400: an ambiguous target is refused, never guessed.
public enum CanonicalTargetError: Error, Equatable, Sendable {
    /// Longer than `CanonicalTarget.maximumLength`.
    case tooLong
    /// Neither origin-form nor absolute-form (RFC 9112 §3.2).
    case notOriginForm
    /// Absolute-form whose authority is not the request's own `Host`.
    case foreignAuthority
    /// A byte that RFC 3986 does not allow there unescaped: a space, a control byte, `\`, `#`, `|`, anything above 0x7E.
    case forbiddenByte
    /// `%` without two hexadecimal digits.
    case malformedEscape
    /// `%00` … `%1F` or `%7F`.
    case escapedControlByte
    /// `%2F`, `%5C` or `%3B` in the path: some readers decode them before they split, some after.
    case escapedDelimiter
    /// What decodes to another escape (`%252e`).
    case doubleEscape
    /// `;` in the path or the query: some readers end a segment or a parameter there, some do not.
    case parameter
    /// A segment `.` or `..`, escaped or not.
    case dotSegment
    /// `//`.
    case emptySegment
    /// Decodes to something other than well-formed UTF-8 (overlong forms and surrogates included).
    case notUTF8
}
