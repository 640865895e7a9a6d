import Contracts
import Crypto

/// A message as the broker holds it.
struct SimulatedMessage {
    var stream: StreamID
    var seq: UInt64
    var previous: SHA256Digest?
    var digest: SHA256Digest
    /// Written by somebody without the source's key: verification turns it away.
    var isForged = false
}
