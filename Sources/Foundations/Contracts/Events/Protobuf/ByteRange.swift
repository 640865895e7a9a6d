/// Where a field's bytes lie in the message they were read from. Half the size of a `Range<Int>`.
public struct ByteRange: Equatable, Sendable {
    public var start: UInt32
    public var count: UInt32

    @inlinable
    public init(start: Int, count: Int) {
        self.start = UInt32(start)
        self.count = UInt32(count)
    }

    public static let empty = ByteRange(start: 0, count: 0)

    @inlinable public var isEmpty: Bool { count == 0 }
    @inlinable public var range: Range<Int> { Int(start)..<(Int(start) + Int(count)) }
}
