internal import Contracts
internal import Encodings

/// A secret that one service signs with and another verifies, and where its rotation stands. Pure: a rotation is a change of this value.
struct KeyPair: Equatable, Sendable {
    struct Key: Equatable, Sendable {
        let id: String
        /// In the form that its file has.
        let secret: String
        /// Since when its signer has had another; nil while it may sign.
        var replaced: Timestamp?
    }

    enum Stage: Equatable, Sendable {
        /// No key: one of the two did not call the other yet when the cluster was made.
        case absent
        /// One key, for both.
        case settled
        /// The verifier has a newer one than the signer.
        case published
        /// The signer has the newest; when it took it is not noted yet.
        case moved
        /// The verifier still has older ones, of which the last was replaced then.
        case overlapping(since: Timestamp)
        /// The verifier doesn't have the signer's.
        case torn
    }

    let signer: ServiceName
    let verifier: ServiceName
    /// The key that signs; nil where the pair is new.
    var signing: Key?
    /// What the verifier accepts, the oldest first.
    var accepted: [Key]

    var stage: Stage {
        guard let signing else { return accepted.isEmpty ? .absent : .published }
        guard accepted.contains(where: { $0.id == signing.id && $0.secret == signing.secret }) else { return .torn }
        if accepted.count == 1 { return .settled }
        guard accepted.last?.id == signing.id else { return .published }
        let times = accepted.dropLast().map(\.replaced)
        guard let last = times.compactMap({ $0 }).max(), !times.contains(nil) else { return .moved }
        return .overlapping(since: last)
    }

    /// The verifier gets another key, unless it has one already that the signer doesn't have.
    mutating func publish(_ key: @autoclosure () -> Key) {
        if stage == .settled || stage == .absent { accepted.append(key()) }
    }

    /// The signer takes the newest.
    mutating func move() {
        if stage == .published, let newest = accepted.last { signing = newest }
    }

    /// It is noted that the signer has taken the newest.
    mutating func note(_ now: Timestamp) {
        guard stage == .moved else { return }
        for index in accepted.indices.dropLast() where accepted[index].replaced == nil { accepted[index].replaced = now }
    }

    /// The verifier forgets all but the signer's.
    mutating func retire() {
        if case .overlapping = stage { accepted.removeAll { $0.id != signing?.id } }
    }
}
