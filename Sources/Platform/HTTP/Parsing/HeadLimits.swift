/// What a message head may take.
public struct HeadLimits: Hashable, Sendable {
    /// First line, fields and line ends together, in bytes.
    public var maximumBytes: Int
    public var maximumFields: Int

    /// - Parameters:
    ///   - maximumBytes: by default 10,240, which is API Gateway's; at most 30,000.
    public init(maximumBytes: Int = 10_240, maximumFields: Int = 100) {
        precondition(maximumBytes <= 30_000, "a head must fit a read buffer")
        self.maximumBytes = maximumBytes
        self.maximumFields = maximumFields
    }
}
