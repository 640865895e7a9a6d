internal import Bootstrap
internal import Observability
internal import Shards

/// Takes logs that lack nothing off the durable list of those a restart has to open.
struct AuditMaintenance: BackgroundService {
    let name = "audit-maintenance"
    let shards: ShardSet<AuditStore>
    let log: Logger

    func run() async throws {
        // Cancellation is the one way a sleep fails, and the end of this loop.
        while (try? await Task.sleep(for: .seconds(300))) != nil {
            do { try await shards.sweep() } catch { log.warning("The list of incomplete logs could not be swept", .error(error)) }
        }
    }
}
