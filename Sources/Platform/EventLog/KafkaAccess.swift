public import Bootstrap
internal import Encodings
internal import Files
internal import HTTP

/// Where Kafka is, and how it is spoken to: in the clear, or by TLS, and as whom.
public struct KafkaAccess: Sendable {
    /// `host:port`, several separated by commas.
    public let brokers: String
    /// librdkafka's properties for TLS and SASL. The password is among them: never to be logged.
    public let properties: [(String, String)]

    private enum Security: String, CaseIterable {
        case plaintext, ssl
        case saslSSL = "sasl-ssl"
    }

    private enum Mechanism: String, CaseIterable {
        case plain
        case sha256 = "scram-sha-256"
        case sha512 = "scram-sha-512"
    }

    public init(reading reader: inout ConfigurationReader) throws(ConfigurationError) {
        let list = try reader.string("kafka", default: "127.0.0.1:9092", help: "Kafka brokers, HOST:PORT separated by commas.")
            .split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmed(of: { $0 == " " }) }
        brokers = list.joined(separator: ",")
        // librdkafka takes nearly everything, and then waits for ever for a broker that can't be.
        guard list.allSatisfy({ Endpoint(String($0)) != nil }) else {
            throw .invalid(key: "kafka", value: brokers, expected: "HOST:PORT, several separated by commas")
        }
        let security = try reader.choice(
            "kafka-security", default: Security.plaintext,
            help: "How brokers are spoken to: plaintext, ssl, or sasl-ssl. A password never goes in the clear, so there is no SASL without TLS.")
        let authority = reader.optionalString(
            "kafka-ca", help: "The certificates, in PEM, of who may vouch for a broker; unset, the system's. A broker's name is always checked.")
        let certificate = reader.optionalString("kafka-certificate", help: "The client's certificate chain in PEM, where brokers ask for one.")
        let key = reader.optionalString("kafka-key", help: "The key of the client's certificate, in PEM.")
        let user = reader.optionalString("kafka-user", help: "The user of sasl-ssl.")
        let passwordFile = reader.optionalString("kafka-password-file", help: "The file that holds the user's password.")
        let mechanism = try reader.choice(
            "kafka-mechanism", default: Mechanism.sha512,
            help:
                "plain, scram-sha-256 or scram-sha-512. Debian's librdkafka 2.0 breaks SCRAM's rules in a way that brokers from 4.0 on refuse: there, plain or a client's certificate."
        )

        var properties: [(String, String)] = []
        if security == .plaintext {
            for (name, value) in [
                ("kafka-ca", authority), ("kafka-certificate", certificate), ("kafka-key", key), ("kafka-user", user),
                ("kafka-password-file", passwordFile),
            ] {
                if let value { throw .invalid(key: name, value: value, expected: "unset where kafka-security is plaintext") }
            }
            self.properties = []
            return
        }
        properties.append(("security.protocol", security == .ssl ? "ssl" : "sasl_ssl"))
        properties.append(("ssl.endpoint.identification.algorithm", "https"))
        if let authority { properties.append(("ssl.ca.location", authority)) }
        switch (certificate, key) {
        case (let certificate?, let key?):
            properties.append(("ssl.certificate.location", certificate))
            properties.append(("ssl.key.location", key))
        case (nil, nil): break
        case (_?, nil): throw .missing(key: "kafka-key")
        case (nil, _?): throw .missing(key: "kafka-certificate")
        }
        if security == .saslSSL {
            guard let user else { throw .missing(key: "kafka-user") }
            guard let passwordFile else { throw .missing(key: "kafka-password-file") }
            properties.append(("sasl.mechanism", mechanism.rawValue.uppercased()))
            properties.append(("sasl.username", user))
            properties.append(("sasl.password", try Self.password(passwordFile)))
        } else if let user {
            throw .invalid(key: "kafka-user", value: user, expected: "unset where kafka-security is ssl")
        }
        self.properties = properties
    }

    /// One line; its end is not part of it.
    private static func password(_ path: String) throws(ConfigurationError) -> String {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try File.read(path, limit: 4_096)
        } catch {
            throw .invalid(key: "kafka-password-file", value: path, expected: "a file that can be read (\(error))")
        }
        let line = bytes.last == UInt8(ascii: "\n") ? bytes.dropLast() : bytes[...]
        guard !line.isEmpty, !line.contains(where: { $0 < 0x20 }), let text = String(validating: line, as: UTF8.self) else {
            throw .invalid(key: "kafka-password-file", value: path, expected: "a file with one line, the password")
        }
        return text
    }
}
