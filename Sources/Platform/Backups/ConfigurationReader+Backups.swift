public import Bootstrap
public import Contracts
internal import Files

extension ConfigurationReader {
    /// The folder of a service's backups.
    /// - Parameter data: the service's data folder; backups lie beside it unless told.
    public mutating func backups(of service: ServiceName, beside data: String) -> String {
        let folder = optionalString("backups", help: "The folder below which each service has one for its backups; beside the data unless told.")
        return "\(folder ?? "\(Directory.parent(of: data))/backups")/\(service.rawValue)"
    }
}
