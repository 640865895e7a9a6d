import Bootstrap
import Processes

/// Prints the root principal's access key, for whoever has the operator's volume; nowhere else is it shown.
struct RootKeyCommand: Command {
    static let words = ["keys", "root"]
    static let summary = "Prints the root access key that init made, as an AWS shared credentials file."

    private let folder: OperatorFolder

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try OperatorFolder(reading: &reader)
    }

    func run() async throws {
        StandardStream.output.write(try folder.credentials())
    }
}

/// Prints the certificate that clients are told to trust until an operator brings their own.
struct AuthorityCommand: Command {
    static let words = ["keys", "authority"]
    static let summary = "Prints the certificate of the authority behind the first TLS certificate, as PEM."

    private let folder: OperatorFolder

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try OperatorFolder(reading: &reader)
    }

    func run() async throws {
        StandardStream.output.write(try folder.authority())
    }
}

/// Prints what the operator's own tools need to reach services that speak TLS among each other.
struct InternalTLSCommand: Command {
    static let words = ["keys", "internal-tls"]
    static let summary = "Prints a client certificate for the services' own ports, its key and their authority, as PEM."

    private let folder: OperatorFolder

    init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        folder = try OperatorFolder(reading: &reader)
    }

    func run() async throws {
        StandardStream.output.write(try folder.internalTLS())
    }
}

extension OperatorFolder {
    fileprivate init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        self.init(path: try reader.string("secrets", help: "The operator's folder of secrets."))
    }
}
