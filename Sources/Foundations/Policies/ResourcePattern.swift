/// An ARN with wildcards, or `*`.
///
/// The first five parts are matched one by one, so a wildcard in one can't reach over a colon into the next. The resource part is the
/// caller's own text for a request (an execute-api ARN ends in the path), and could otherwise be chosen so that a `*` for the region swallows the
/// real method and path and the rest matches what the caller appended. In the resource part `*` goes over `/` and `:`, as in IAM.
public struct ResourcePattern: Sendable, Hashable {
    public let text: String
    /// Nil for `*`; six parts otherwise.
    private let parts: [Wildcard]?

    /// Longest pattern in bytes, as for policies that API Gateway's authorizers return.
    public static let maximumLength = 512

    public init(_ text: String) throws(PolicyError) {
        self.text = text
        if text == "*" {
            parts = nil
            return
        }
        let bytes = Array(text.utf8)
        guard bytes.count <= ResourcePattern.maximumLength else { throw .resourceTooLong(limit: ResourcePattern.maximumLength) }
        var parts = bytes.split(separator: UInt8(ascii: ":"), maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count > 1, parts[0].elementsEqual("arn".utf8) else { throw .invalidResource(text) }
        // IAM completes a short ARN with wildcards. We do so only where it ends in one, when nothing else can be meant.
        if parts.count < 6 {
            guard parts.last == [UInt8(ascii: "*")] else { throw .invalidResource(text) }
            while parts.count < 6 { parts.append([UInt8(ascii: "*")]) }
        }
        self.parts = parts.map { Wildcard($0) }
    }

    /// - Parameters:
    ///   - arn: the parts of `resource`, nil if it isn't an ARN: then only `*` matches it.
    ///   - index: of `resource`.
    func matches(_ resource: Span<UInt8>, _ arn: ARNParts?, _ index: inout TextIndex) -> Bool {
        guard let parts else { return true }
        guard let arn else { return false }
        // The resource part tells most patterns apart.
        for part in stride(from: 5, through: 0, by: -1) where !parts[part].matches(resource, arn[part], &index) { return false }
        return true
    }
}
