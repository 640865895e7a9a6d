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
        folder = "\(SecretsFolder(of: .gateway, below: root).path)/tls"
        operatorFolder = OperatorFolder(path: "\(root)/operator")
    }

    /// - Parameters:
    ///   - host: what clients connect to; `localhost` and the loopback addresses are in the certificate besides.
    /// - Returns: whether one was made.
    public func makeIfMissing(host: String, now: Timestamp) throws -> Bool {
        guard !File.exists(folder) else { return false }
        let made = try ServerCertificate(names: Self.names(host), now: now.seconds)
        let unfinished = "\(folder).new"
        try Directory.removeTree(unfinished)
        try Directory.create(unfinished)
        let authority = PEM.encode(made.authority, label: "CERTIFICATE")
        try File.create("\(unfinished)/certificate.pem", with: PEM.encode(made.certificate, label: "CERTIFICATE") + authority)
        try File.create("\(unfinished)/key.pem", with: PEM.encode(made.key, label: "PRIVATE KEY"))
        try File.replace(operatorFolder.authorityFile, with: authority)
        // Both files or neither, so that a certificate never lies beside another's key.
        try File.rename(unfinished, to: folder)
        try Directory.sync(Directory.parent(of: folder))
        return true
    }

    private static func names(_ host: String) -> [ServerCertificate.Name] {
        let all: [ServerCertificate.Name] = [
            SocketAddress(host: host, port: 0) == nil ? .host(host) : .address(host), .host("localhost"), .address("127.0.0.1"), .address("::1"),
        ]
        var seen: Set<ServerCertificate.Name> = []
        return all.filter { seen.insert($0).inserted }
    }
}
