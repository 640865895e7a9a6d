/// Why a cluster on this machine did not start. Each is one sentence for whoever typed the command.
enum DevError: Error {
    case inUse(folder: String, process: Int?)
    case unusableFolder(folder: String, cause: String)
    /// The folder's cluster has other names than were asked for.
    case otherCluster(folder: String, region: String, account: String)
    case portTaken(port: UInt16)
    case notReady(service: String, reason: String)
    case refused(operation: String, status: Int, body: String)
}

extension DevError: CustomStringConvertible {
    var description: String {
        switch self {
        case .inUse(let folder, let process):
            "the data folder \(folder) is in use by another strongroom" + (process.map { " (process \($0))" } ?? "")
        case .unusableFolder(let folder, let cause): "the data folder \(folder) cannot be used: \(cause)"
        case .otherCluster(let folder, let region, let account):
            "\(folder) is the data of a cluster in region \(region) with account \(account), which can't change; choose another folder with --data"
        case .portTaken(let port): "port \(port) is taken; choose another with --port, or stop what is listening there"
        case .notReady(let service, let reason): "the \(service) service did not become ready: \(reason)"
        case .refused(let operation, let status, let body): "\(operation) was refused with status \(status): \(body)"
        }
    }
}
