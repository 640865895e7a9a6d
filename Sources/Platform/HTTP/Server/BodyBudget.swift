internal import Synchronization

/// How many bytes of request bodies may be held at once, over all connections: by a process, or by one of those who share its budget.
public final class BodyBudget: Sendable {
    public let limit: Int
    private let whole: BodyBudget?
    private let used = Atomic(0)

    /// - Parameter whole: what this is a share of: what is taken here is taken there, too.
    public init(limit: Int, within whole: BodyBudget? = nil) {
        self.limit = limit
        self.whole = whole
    }

    /// A body this short costs no more than its connection does, and counts in no budget: who signs in, or writes a short note, always finds room.
    static let shortBody = 4_096

    /// What a body of that length, if it is known, counts in.
    func counting(_ length: Int?) -> BodyBudget? {
        guard let length, length <= Self.shortBody else { return self }
        return nil
    }

    public var inUse: Int { used.load(ordering: .relaxed) }

    /// - Throws: ``HTTPError/tooMuchAtOnce`` if the limit of a share would be passed, ``HTTPError/overloaded`` if that of all; then nothing is taken.
    func take(_ count: Int) throws(HTTPError) {
        guard used.add(count, ordering: .relaxed).newValue <= limit else {
            used.subtract(count, ordering: .relaxed)
            throw whole == nil ? .overloaded : .tooMuchAtOnce
        }
        do throws(HTTPError) {
            try whole?.take(count)
        } catch {
            used.subtract(count, ordering: .relaxed)
            // Whose share the next one is doesn't matter to who asks for a part of it.
            throw .overloaded
        }
    }

    func giveBack(_ count: Int) {
        used.subtract(count, ordering: .relaxed)
        whole?.giveBack(count)
    }
}
