import Bootstrap
import Observability

/// Carries out erasures that were entered in the list and then interrupted.
struct ErasureWork: BackgroundService {
    let name = "identity-erasures"
    let desk: ErasureDesk
    let log: Logger

    func run() async {
        var wait = Duration.zero
        // Cancellation is the one way a sleep fails, and the end of this loop.
        while (try? await Task.sleep(for: wait)) != nil {
            do {
                // After a restore others wait for the end of it.
                wait = try await desk.carryOutPending() > 0 ? .zero : desk.isOpen ? .seconds(5) : .milliseconds(300)
            } catch {
                log.warning("An erasure could not be carried out", .error(error))
                wait = .seconds(1)
            }
        }
    }
}
