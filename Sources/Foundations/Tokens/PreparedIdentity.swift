public import Contracts
import Synchronization

/// A caller with what every identity header about it begins with, so that a token seen before costs neither JSON nor a hash of it again. All requests of a token
/// share it.
public final class PreparedIdentity: Sendable {
    public let caller: CallerIdentity
    /// One for each service that it was needed for.
    private let openings: Mutex<[IdentityHeaderSigner.Opening]> = Mutex([])

    public init(_ caller: CallerIdentity) {
        self.caller = caller
    }

    public static let anyone = PreparedIdentity(.anyone)

    func opening(by signer: IdentityHeaderSigner) -> IdentityHeaderSigner.Opening {
        openings.withLock { openings in
            for opening in openings where opening.signer === signer { return opening }
            let opening = IdentityHeaderSigner.Opening(caller, by: signer)
            // A service's key may have been replaced.
            openings.removeAll { $0.signer.audience == signer.audience }
            openings.append(opening)
            return opening
        }
    }
}
