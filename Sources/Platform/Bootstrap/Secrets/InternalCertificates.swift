internal import Contracts
internal import Crypto
public import Encodings
internal import Files

/// Makes the certificates for TLS between the services, once: an authority of the cluster's own, whose key is forgotten at once, a certificate for each service in its
/// secrets, and one for the operator's own tools, such as Prometheus.
public struct InternalCertificates: Sendable {
    private let root: String
    private let operatorFolder: OperatorFolder

    public init(below root: String) {
        self.root = root
        operatorFolder = OperatorFolder(path: "\(root)/operator")
    }

    /// There while they are made: nobody has used yet what an interrupted run left.
    private var unfinished: String { "\(operatorFolder.internalTLSFile).unfinished" }

    /// - Returns: whether they were made. What is there is never overwritten.
    /// - Throws: ``SecretsError/incomplete(folder:)`` where some have theirs and some don't: nobody can sign for the others any more.
    public func makeIfMissing(now: Timestamp) throws -> Bool {
        let folders = ServiceName.allCases.map { ($0, InternalTLS(secrets: SecretsFolder(of: $0, below: root))) }
        if !File.exists(unfinished) {
            let missing = folders.filter { !File.exists($0.1.certificateFile) }
            if missing.isEmpty { return false }
            guard missing.count == folders.count else { throw SecretsError.incomplete(folder: missing[0].1.folder) }
        }
        try Directory.create(operatorFolder.path)
        try File.replace(unfinished, with: [])
        let issuer = try CertificateAuthority("Strongroom services", now: now.seconds)
        let authority = PEM.encode(issuer.certificate, label: "CERTIFICATE")
        for (service, files) in folders {
            let made = try issuer.issue("Strongroom \(service.rawValue)", names: [.host(InternalTLS.name(of: service))], for: [.server, .client])
            try Directory.create(files.folder)
            try File.replace(files.keyFile, with: PEM.encode(made.key, label: "PRIVATE KEY"))
            try File.replace(files.authorityFile, with: authority)
            try File.replace(files.certificateFile, with: PEM.encode(made.certificate, label: "CERTIFICATE"))
        }
        let own = try issuer.issue("Strongroom operator", names: [], for: [.client])
        try File.replace(
            operatorFolder.internalTLSFile,
            with: PEM.encode(own.certificate, label: "CERTIFICATE") + PEM.encode(own.key, label: "PRIVATE KEY") + authority)
        try File.remove(unfinished)
        return true
    }
}
