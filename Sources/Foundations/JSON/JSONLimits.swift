/// How much of a JSON text is read before it is refused. What is beyond a limit is an error, never cut.
public struct JSONLimits: Sendable, Equatable {
    /// Size of the whole text in bytes.
    public var bytes: Int
    /// Arrays and objects inside each other; the outermost counts as 1.
    public var depth: Int
    /// Values of any kind, with the outermost and every array and object.
    public var values: Int

    public init(bytes: Int, depth: Int, values: Int) {
        self.bytes = bytes
        self.depth = depth
        self.values = values
    }

    /// Documents and messages between services: 1 MiB, 64 deep, 65,536 values.
    public static let standard = JSONLimits(bytes: 1 << 20, depth: 64, values: 1 << 16)

    /// The header or claims of a token: 16 KiB, 16 deep, 1,024 values.
    public static let token = JSONLimits(bytes: 16 << 10, depth: 16, values: 1024)
}
