internal import Contracts
internal import Crypto
public import Encodings
internal import Files
internal import Transport

/// The gateway's first certificate: made where there is none, in the folder `tls` of its secrets, for an operator to replace with their own.
public struct GatewayCertificate: Sendable {
    private let folder: String
    private let operatorFolder: OperatorFolder

    public init(below root: String) {
        folder = SecretsFolder(of: .gateway, below: root).certificateFolder
        operatorFolder = OperatorFolder(path: "\(root)/operator")
    }

    private var certificateFile: String { "\(folder)/certificate.pem" }
    private var keyFile: String { "\(folder)/key.pem" }

    /// - Parameters:
    ///   - host: what clients connect to; `localhost` and the loopback addresses are in the certificate besides.
    /// - Returns: whether one was made.
    public func makeIfMissing(host: String, now: Timestamp) throws -> Bool {
        guard !File.exists(certificateFile) else { return false }
        try Directory.create(folder)
        let (newCertificate, newKey) = ("\(certificateFile).new", "\(keyFile).new")
        if File.exists(keyFile) {
            // The one state between the two renames below; any other key is an operator's.
            guard File.exists(newCertificate) else { throw SecretsError.foreign(folder: folder) }
        } else {
            let root = try CertificateAuthority("Strongroom authority", now: now.seconds)
            let made = try root.issue("Strongroom gateway", names: Self.names(host), for: [.server])
            let authority = PEM.encode(root.certificate, label: "CERTIFICATE")
            try File.replace(newKey, with: PEM.encode(made.key, label: "PRIVATE KEY"))
            try File.replace(newCertificate, with: PEM.encode(made.certificate, label: "CERTIFICATE") + authority)
            try File.replace(operatorFolder.authorityFile, with: authority)
            try File.rename(newKey, to: keyFile)
        }
        try File.rename(newCertificate, to: certificateFile)
        try Directory.sync(folder)
        return true
    }

    private static func names(_ host: String) -> [CertificateAuthority.Name] {
        let all: [CertificateAuthority.Name] = [
            SocketAddress(host: host, port: 0) == nil ? .host(host) : .address(host), .host("localhost"), .address("127.0.0.1"), .address("::1"),
        ]
        var seen: Set<CertificateAuthority.Name> = []
        return all.filter { seen.insert($0).inserted }
    }
}
