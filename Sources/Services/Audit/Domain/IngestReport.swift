internal import Contracts

/// What became of a batch of verified events.
struct IngestReport: Equatable, Sendable {
    /// Conflicts and strays that are named one by one; beyond it they are only counted.
    static let named = 16

    var stored = 0
    var duplicates = 0
    var gaps = 0
    var conflicts = 0
    /// Events of a stream whose epoch is another stream's.
    var strays = 0
    var positions: [StreamPosition] = []

    mutating func name(_ position: @autoclosure () -> StreamPosition) {
        if positions.count < Self.named { positions.append(position()) }
    }
}
