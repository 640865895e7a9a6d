public import Bootstrap
public import Contracts
internal import Files

extension ConfigurationReader {
    /// The folder of a service's backups.
    /// - Parameter data: the service's data folder; backups lie beside it unless told.
    public mutating func backups(of service: ServiceName, beside data: String) -> String {
        optionalString("backups", help: "The folder backups are written to; beside the data, in backups/SERVICE, unless told.")
            ?? "\(Directory.parent(of: data))/backups/\(service.rawValue)"
    }
}
