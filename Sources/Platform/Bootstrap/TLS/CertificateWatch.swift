internal import Contracts
internal import Files
internal import HTTP
public import Observability
internal import Synchronization
public import Transport

/// Certificates in use, read again when their files change. Files that can't be used are refused whole, with a line in the log, and those in use stay.
public final class CertificateWatch: BackgroundService {
    public let name = "certificates"
    /// Bytes of the largest file that is read.
    private static let maximumBytes = 256 * 1024

    /// What a listener shows.
    public let context: TLSServerContext
    /// What is shown to servers that are called; nil where the certificates are for a listener only.
    let client: TLSClientContext?
    private let paths: CertificatePaths
    private let authority: String?
    private let log: Logger
    private let files: FileWatch<Material>
    private let refused: Counter

    /// What is in the files.
    private struct Material: Equatable, Sendable {
        let certificates: [CertificateFiles]
        let authority: [UInt8]?
    }

    /// Reads the files for the first time; without good ones there is no listener.
    ///
    /// - Parameter authority: the file of those whose certificates both sides must show; nil asks clients for none, and is for a public listener.
    /// - Throws: ``CertificateError``.
    public init(_ paths: CertificatePaths, authority: String? = nil, log: Logger, metrics: MetricsRegistry) throws(CertificateError) {
        self.paths = paths
        self.authority = authority
        self.log = log
        let files = try Self.read(paths, authority)
        let context: TLSServerContext
        do throws(TLSError) {
            context = try TLSServerContext(files.certificates, protocols: HTTPProtocols.offered, authorities: files.authority)
            client = try files.authority.map { (authority) throws(TLSError) in
                try TLSClientContext(files.certificates[0], authorities: authority)
            }
        } catch {
            throw .unusable(paths.pairs.map(\.chain), error)
        }
        self.context = context
        self.files = FileWatch(files)
        let use = MetricLabel("use", authority == nil ? "public" : "internal")
        refused = metrics.counter(
            "strongroom_tls_certificates_refused_total", help: "Changed certificate files that could not be used.", labels: use)
        metrics.gauge(
            "strongroom_tls_certificate_not_after_seconds", help: "When the first of the certificates in use ends, in seconds since 1970.",
            labels: use
        ) {
            Double(context.notAfter)
        }
        let counts: [(String, @Sendable (HandshakeCounts) -> Int)] = [("full", { $0.full }), ("resumed", { $0.resumed }), ("failed", { $0.failed })]
        for (result, count) in counts {
            metrics.counter("strongroom_tls_handshakes_total", help: "TLS handshakes of listeners.", labels: MetricLabel("result", result), use) {
                Double(count(context.handshakes))
            }
        }
    }

    /// For a program that calls one service, once.
    static func client(own pair: CertificatePaths.Pair, authority: String) throws(CertificateError) -> TLSClientContext {
        let files = try read(CertificatePaths([pair]), authority)
        do throws(TLSError) {
            return try TLSClientContext(files.certificates[0], authorities: files.authority ?? [])
        } catch {
            throw .unusable([pair.chain, authority], error)
        }
    }

    public func run() async throws { try await look(every: .milliseconds(paths.checkMilliseconds), reload) }

    func reload() {
        files.look(read: { try Self.read(paths, authority) }, take: take, refuse: refuse)
    }

    private func take(_ material: Material) throws(CertificateError) {
        do throws(TLSError) {
            // What either of the two can't use changes neither.
            let show = try context.prepare(material.certificates, authorities: material.authority)
            if let authority = material.authority { try client?.replace(with: material.certificates[0], authorities: authority) }
            show()
        } catch {
            throw .unusable(paths.pairs.map(\.chain), error)
        }
        log.info("New certificates are in use", .file(paths.pairs[0].chain), .count(material.certificates.count))
    }

    private func refuse(_ error: any Error) {
        refused.increment()
        log.error("The certificates are refused; those in use stay", .file(paths.pairs[0].chain), .error(error))
    }

    private static func read(_ paths: CertificatePaths, _ authority: String?) throws(CertificateError) -> Material {
        var files: [CertificateFiles] = []
        do throws(FileError) {
            for pair in paths.pairs {
                files.append(
                    CertificateFiles(chain: try File.read(pair.chain, limit: maximumBytes), key: try File.read(pair.key, limit: maximumBytes)))
            }
            return Material(
                certificates: files, authority: try authority.map { (file) throws(FileError) in try File.read(file, limit: maximumBytes) })
        } catch {
            throw .unreadable(error)
        }
    }
}

extension CertificateWatch {
    /// The same services, called with these certificates.
    func secure(_ peers: [ServiceName: Endpoint]) -> [ServiceName: Endpoint] {
        guard let client else { return peers }
        return Dictionary(
            uniqueKeysWithValues: peers.map { service, endpoint in
                let security = Endpoint.Security(client, name: InternalTLS.name(of: service))
                return (service, Endpoint(host: endpoint.host, port: endpoint.port, security: security))
            })
    }
}
