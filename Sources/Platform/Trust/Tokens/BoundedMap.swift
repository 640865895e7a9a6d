/// A map that holds at most `capacity` entries and forgets those not asked for of late.
///
/// Two generations: new and asked-for entries live in the young one; when it is full, it becomes the old one and what was old is
/// dropped. So every operation costs one or two look-ups, nothing is ever swept, and a flood of keys that are asked for once can
/// push out at most what was not used meanwhile.
public struct BoundedMap<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    public let capacity: Int
    @usableFromInline var young: [Key: Value] = [:]
    @usableFromInline var old: [Key: Value] = [:]

    public init(capacity: Int) {
        precondition(capacity >= 2, "a map for nothing")
        self.capacity = capacity
    }

    public var count: Int { young.count + old.count }
    /// Every value held, in no order; looking at them keeps none of them.
    public var values: [Value] { Array(young.values) + Array(old.values) }

    @inlinable
    public mutating func value(for key: Key) -> Value? {
        if let value = young[key] { return value }
        guard let value = old.removeValue(forKey: key) else { return nil }
        insert(value, for: key)
        return value
    }

    /// The value that is held, or else what `make` gives, which is held from now on.
    public mutating func value(for key: Key, orElse make: () -> Value) -> Value {
        if let value = value(for: key) { return value }
        let value = make()
        insert(value, for: key)
        return value
    }

    @inlinable
    public mutating func insert(_ value: Value, for key: Key) {
        if young.updateValue(value, forKey: key) != nil { return }
        old.removeValue(forKey: key)
        guard young.count >= capacity / 2 else { return }
        old = young
        young = [:]
        young.reserveCapacity(min(capacity / 2, old.count))
    }

    @inlinable
    @discardableResult
    public mutating func remove(_ key: Key) -> Value? {
        young.removeValue(forKey: key) ?? old.removeValue(forKey: key)
    }
}
