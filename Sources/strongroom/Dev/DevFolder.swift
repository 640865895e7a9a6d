import Bootstrap
import Contracts
import Files

/// The folder of a cluster on one machine: the services' data, the secrets beside it, the log, and a lock that says somebody is using it.
struct DevFolder {
    let path: String
    /// Held for as long as the process lives.
    private let lock: LockFile

    init(_ path: String) throws(DevError) {
        do {
            try Directory.create(path)
            try DataFolder.requirePrivate(path)
        } catch {
            throw .unusableFolder(folder: path, cause: "\(error)")
        }
        do throws(FileError) {
            lock = try LockFile("\(path)/lock")
            try File.removeUnfinished(below: path)
        } catch .locked(let file) {
            throw .inUse(folder: path, process: LockFile.holder(of: file))
        } catch {
            throw .unusableFolder(folder: path, cause: error.description)
        }
        self.path = path
    }

    var secrets: String { "\(path)/secrets" }
    var log: String { "\(path)/strongroom.log" }
    /// The demo tenant, made at first start.
    var demo: String { "\(path)/demo.json" }

    func data(of service: ServiceName) -> String { "\(path)/\(service.rawValue)" }

    /// Makes the cluster's secrets at first start.
    func prepareSecrets(region: String, account: String) throws {
        guard !File.exists(secrets) else { return }
        try SecretsGenerator(cluster: region, account: account).write(to: secrets)
    }

    /// The names are in every key, id and ARN of the cluster: who asks for others would get what they did not ask for.
    func requireNames(region: String?, account: String?) throws {
        let keyring = try SecretsFolder(of: .gateway, below: secrets).keyring()
        guard region ?? keyring.cluster == keyring.cluster, account ?? keyring.account == keyring.account else {
            throw DevError.otherCluster(folder: path, region: keyring.cluster, account: keyring.account)
        }
    }
}
