import Bootstrap
import Encodings
import Files
import Observability
import Processes
import Synchronization

/// The API document in use: a file's, which is read again when it changes (a bad one is refused whole and the old one stays), or the shipped one.
final class RouteStore: BackgroundService {
    let name = "routes"
    /// Bytes of the largest document that is read.
    static let maximumBytes = 512 * 1024

    private let path: String?
    private let apiID: String
    private let backends: Set<String>
    private let cluster: Cluster
    private let interval: Duration
    private let log: Logger
    private let current: Mutex<RouteSnapshot>
    private let file: FileWatch<[UInt8]>
    private let generation: Gauge
    private let refused: Counter
    private let counted: ChangingRoutes

    /// Reads the document for the first time; without a good one there is no gateway.
    ///
    /// - Parameter path: the file, or nil for the document that is compiled in.
    init(
        path: String?, apiID: String, backends: Set<String>, cluster: Cluster, interval: Duration, log: Logger, metrics: MetricsRegistry
    ) throws(DocumentError) {
        self.path = path
        self.apiID = apiID
        self.backends = backends
        self.cluster = cluster
        self.interval = interval
        self.log = log
        generation = metrics.gauge("strongroom_gateway_routes_generation", help: "How many API documents have been taken into use.")
        refused = metrics.counter("strongroom_gateway_routes_refused_total", help: "API documents that were refused.")
        let bytes = try Self.read(path)
        let document = try Self.load(bytes, path: path, cluster: cluster, backends: backends)
        file = FileWatch(bytes, triesAgain: false)
        counted = ChangingRoutes(metrics)
        current = Mutex(
            RouteSnapshot(
                generation: 1, document: document, metrics: counted.take(document.table.counted), region: cluster.name, account: cluster.account,
                api: apiID))
        generation.set(1)
    }

    var snapshot: RouteSnapshot { current.withLock { $0 } }

    func run() async throws { try await look(every: interval, reload) }

    private func reload() {
        // What is compiled in doesn't change.
        guard path != nil else { return }
        file.look(read: { try Self.read(path) }, take: take, refuse: refuse)
    }

    private func take(_ bytes: [UInt8]) throws(DocumentError) {
        let document = try Self.load(bytes, path: path, cluster: cluster, backends: backends)
        let metrics = counted.take(document.table.counted)
        let next = current.withLock { current in
            current = RouteSnapshot(
                generation: current.generation + 1, document: document, metrics: metrics, region: cluster.name, account: cluster.account, api: apiID)
            return current.generation
        }
        generation.set(Int64(next))
        log.info("New routes are in use", .file(path ?? ""), .generation(Int64(next)))
    }

    private func refuse(_ error: any Error) {
        refused.increment()
        log.error("The API document is refused; the routes in use stay", .file(path ?? ""), .error(error))
    }

    private static func read(_ path: String?) throws(DocumentError) -> [UInt8] {
        guard let path else { return PackageResources.api_yaml }
        do throws(FileError) { return try File.read(path, limit: maximumBytes) } catch {
            throw DocumentError(.unreadable("\(error)"))
        }
    }

    private static func load(
        _ bytes: [UInt8], path: String?, cluster: Cluster, backends: Set<String>
    ) throws(DocumentError) -> APIDocument {
        try APIDocument(
            bytes, format: path?.hasSuffix(".json") == true ? .json : .yaml,
            environment: APIDocument.Environment(
                region: cluster.name, account: cluster.account, publicURL: cluster.publicURL, backends: backends))
    }
}

extension RouteTable {
    /// How its routes are named where they are counted.
    fileprivate var counted: [ChangingRoutes.Route] { routes.map { ChangingRoutes.Route(method: $0.method, template: $0.template.text) } }
}
