import Bootstrap
import Contracts
import Files
import HTTP
import Observability
import Processes
import SigV4
import Transport

/// A whole cluster on this machine: five services and a broker in one process, on loopback only.
struct DevCommand: Command {
    static let words = ["dev"]
    static let summary = "Runs a whole cluster on this machine, with a demo tenant."
    static let isServer = true

    private let data: String
    private let port: UInt16
    private let readyFile: String?
    private let kafka: String?
    private let routes: String?
    private let region: String
    private let account: String
    /// Whether the names were given, and not left to their defaults.
    private let isNamed: (region: Bool, account: Bool)
    private let minimumLevel: LogLevel
    private let tracing: TracingSettings?

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        data = try reader.string("data", default: "data", help: "The folder of everything the cluster keeps; made at first start.")
        port = UInt16(
            try reader.integer(
                "port", default: Int(ServiceName.gateway.defaultPort), in: 0...65_530,
                help: "The gateway's port on loopback; the other services take those after it. 0 takes free ones."))
        readyFile = reader.optionalString("ready-file", help: "A file to write once the cluster is ready: JSON with every address, key and user.")
        kafka = reader.optionalString("kafka", help: "A broker to use, HOST:PORT, instead of the embedded one.")
        routes = reader.optionalString("routes", help: "The gateway's API document, read again when it changes, instead of the shipped one.")
        (region, account) = try Cluster.readNames(from: &reader)
        isNamed = (reader.isMade("region"), reader.isMade("account"))
        tracing = try TracingSettings(reading: &reader)
        minimumLevel = try reader.choice("log-level", default: LogLevel.info, help: "The least level of log lines: debug, info, warning or error.")
    }

    func run() async throws {
        let started = SystemClock.monotonicNanoseconds()
        if let readyFile, !File.exists(Directory.parent(of: readyFile)) {
            throw ConfigurationError.invalid(key: "ready-file", value: readyFile, expected: "in a folder that exists")
        }
        try ServiceProcess.prepare()
        let folder = try DevFolder(data)
        try folder.prepareSecrets(region: region, account: account)
        try folder.requireNames(region: isNamed.region ? region : nil, account: isNamed.account ? account : nil)
        let stop = try StopSignal.onTermination()
        let logFile = try LogFile(folder.log)
        try await LogWriter { logFile.write($0) }.flushing { buffer in
            try await run(in: folder, until: stop, startedAt: started, logging: buffer)
        }
        StandardStream.output.write("Stopped.\n")
    }

    private func run(in folder: DevFolder, until stop: StopSignal, startedAt started: UInt64, logging buffer: LogBuffer) async throws {
        let cluster = try await DevCluster.start(
            in: folder, port: port, kafka: kafka, routes: routes, tracing: tracing,
            log: Logger(service: "dev", minimum: minimumLevel, buffer: buffer, now: WallClock.system.now)
        )
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await cluster.run(until: stop) }
                try await cluster.waitUntilReady(orUntil: stop)
                if !stop.isSet {
                    do {
                        try await announce(cluster, folder, started)
                    } catch  where stop.isSet {
                        // Ctrl-C came before all was told; if it is a service that has ended, it says why itself.
                    }
                }
                try await group.waitForAll()
            }
        } catch {
            stop.set()
            throw error
        }
    }

    private func announce(_ cluster: DevCluster, _ folder: DevFolder, _ started: UInt64) async throws {
        let root = try SecretsFolder(of: .authorizer, below: folder.secrets).rootKey()
        guard let gateway = cluster.addresses[.gateway] else { throw DevError.notReady(service: "gateway", reason: "it is not there") }
        let aws = AWSClient(
            http: HTTPClient(loops: cluster.loops), gateway: Endpoint(host: gateway.host, port: gateway.port), region: cluster.cluster.name,
            credentials: Credentials(accessKeyID: root.accessKeyID, secretAccessKey: root.secret), clock: .system)
        let tenant = try await DemoTenant.load(from: folder.demo, orMakeWith: aws)
        let token = try await tenant.signIn(with: aws)
        await aws.http.shutDown()
        let milliseconds = Int((SystemClock.monotonicNanoseconds() - started) / 1_000_000)
        StandardStream.output.write(
            Banner(
                url: cluster.cluster.publicURL, region: cluster.cluster.name, kafka: cluster.kafka, folder: folder, tenant: tenant, token: token,
                rootAccessKeyID: root.accessKeyID, readyMilliseconds: milliseconds
            ).text)
        guard let readyFile else { return }
        try ReadyFile(
            cluster: cluster.cluster, folder: folder,
            addresses: cluster.addresses.mapValues { "http://\($0)" }, operations: cluster.operationsAddress.map { "http://\($0)" },
            kafka: cluster.kafka, root: root, tenant: tenant, readyMilliseconds: milliseconds
        ).write(to: readyFile)
    }
}
