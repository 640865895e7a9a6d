internal import Files
internal import HTTP
public import Observability
internal import Synchronization
public import Transport

/// The certificates of a listener, read again when their files change. Files that can't be used are refused whole, with a line in the log, and those in use stay.
public final class CertificateWatch: BackgroundService {
    public let name = "certificates"
    /// Bytes of the largest file that is read.
    private static let maximumBytes = 256 * 1024

    /// What the listener shows.
    public let context: TLSServerContext
    private let paths: CertificatePaths
    private let log: Logger
    /// What was tried last, good or bad: what is refused is refused once.
    private let tried: Mutex<[CertificateFiles]>
    private let refused: Counter

    /// Reads the files for the first time; without good ones there is no listener.
    /// - Throws: ``CertificateError``.
    public init(_ paths: CertificatePaths, log: Logger, metrics: MetricsRegistry) throws(CertificateError) {
        self.paths = paths
        self.log = log
        let files = try Self.read(paths)
        let context: TLSServerContext
        do throws(TLSError) {
            context = try TLSServerContext(files, protocols: HTTPProtocols.offered)
        } catch {
            throw .unusable(paths.pairs.map(\.chain), error)
        }
        self.context = context
        tried = Mutex(files)
        refused = metrics.counter("strongroom_tls_certificates_refused_total", help: "Changed certificate files that could not be used.")
        metrics.gauge("strongroom_tls_certificate_not_after_seconds", help: "When the first of the certificates in use ends, in seconds since 1970.")
        {
            Double(context.notAfter)
        }
        metrics.counter("strongroom_tls_handshakes_total", help: "TLS handshakes.", labels: MetricLabel("result", "full")) {
            Double(context.handshakes.full)
        }
        metrics.counter("strongroom_tls_handshakes_total", help: "TLS handshakes.", labels: MetricLabel("result", "resumed")) {
            Double(context.handshakes.resumed)
        }
        metrics.counter("strongroom_tls_handshakes_total", help: "TLS handshakes.", labels: MetricLabel("result", "failed")) {
            Double(context.handshakes.failed)
        }
    }

    public func run() async {
        while !Task.isCancelled {
            // Ends early, by throwing, when the task is cancelled; then the loop ends too.
            try? await Task.sleep(for: .milliseconds(paths.checkMilliseconds))
            if !Task.isCancelled { reload() }
        }
    }

    private func reload() {
        do throws(CertificateError) {
            let files = try Self.read(paths)
            let isNew = tried.withLock { tried in
                if tried == files { return false }
                tried = files
                return true
            }
            guard isNew else { return }
            do throws(TLSError) {
                try context.replace(with: files)
            } catch {
                throw .unusable(paths.pairs.map(\.chain), error)
            }
            log.info("New certificates are in use", .file(paths.pairs[0].chain), .count(files.count))
        } catch {
            // A file that is away stays away until it is back: said once.
            guard
                tried.withLock({ tried in
                    if case .unreadable = error {
                        if tried.isEmpty { return false }
                        tried = []
                    }
                    return true
                })
            else { return }
            refused.increment()
            log.error("The certificates are refused; those in use stay", .file(paths.pairs[0].chain), .error(error))
        }
    }

    private static func read(_ paths: CertificatePaths) throws(CertificateError) -> [CertificateFiles] {
        var files: [CertificateFiles] = []
        for pair in paths.pairs {
            do throws(FileError) {
                files.append(
                    CertificateFiles(chain: try File.read(pair.chain, limit: maximumBytes), key: try File.read(pair.key, limit: maximumBytes)))
            } catch {
                throw .unreadable(error)
            }
        }
        return files
    }
}
