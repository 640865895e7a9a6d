import Bootstrap
import EventLog
import Files
import Testing

@Suite("How Kafka is spoken to")
struct KafkaAccessTests {
    private func read(_ settings: [String: String]) throws -> [String: String] {
        var reader = ConfigurationReader(settings: settings)
        let access = try KafkaAccess(reading: &reader)
        try reader.finish()
        return Dictionary(uniqueKeysWithValues: access.properties)
    }

    private func refusal(_ settings: [String: String]) -> String {
        do {
            _ = try read(settings)
            return "accepted"
        } catch { return "\(error)" }
    }

    private func withPassword(_ text: String, _ body: (String) throws -> Void) throws {
        let folder = try Directory.temporary(prefix: "kafka-access")
        defer { try? Directory.removeTree(folder) }
        try File.create("\(folder)/password", with: Array(text.utf8))
        try body("\(folder)/password")
    }

    @Test func `in the clear unless told otherwise`() throws {
        #expect(try read([:]).isEmpty)
    }

    @Test func `by TLS, with the broker's name checked`() throws {
        let properties = try read(["kafka-security": "ssl", "kafka-ca": "/ca.pem", "kafka-certificate": "/c.pem", "kafka-key": "/k.pem"])
        #expect(
            properties == [
                "security.protocol": "ssl", "ssl.endpoint.identification.algorithm": "https", "ssl.ca.location": "/ca.pem",
                "ssl.certificate.location": "/c.pem", "ssl.key.location": "/k.pem",
            ])
    }

    @Test func `by TLS and as somebody, whose password comes from a file`() throws {
        try withPassword("päss word\n") { path in
            let properties = try read(["kafka-security": "sasl-ssl", "kafka-user": "notes", "kafka-password-file": path])
            #expect(properties["security.protocol"] == "sasl_ssl")
            #expect(properties["sasl.mechanism"] == "SCRAM-SHA-512")
            #expect(properties["sasl.username"] == "notes")
            #expect(properties["sasl.password"] == "päss word")
            #expect(
                try read(["kafka-security": "sasl-ssl", "kafka-user": "notes", "kafka-password-file": path, "kafka-mechanism": "plain"])[
                    "sasl.mechanism"]
                    == "PLAIN")
        }
    }

    @Test func `what is missing, or would have no effect, is said by name`() throws {
        #expect(refusal(["kafka-security": "sasl-ssl"]).contains("--kafka-user"))
        #expect(refusal(["kafka-security": "sasl-ssl", "kafka-user": "a"]).contains("--kafka-password-file"))
        #expect(refusal(["kafka-security": "sasl-ssl", "kafka-user": "a", "kafka-password-file": "/absent"]).contains("/absent"))
        #expect(refusal(["kafka-security": "ssl", "kafka-certificate": "/c.pem"]).contains("--kafka-key"))
        #expect(refusal(["kafka-security": "ssl", "kafka-user": "a"]).contains("--kafka-user"))
        #expect(refusal(["kafka-ca": "/ca.pem"]).contains("--kafka-ca"))
        #expect(refusal(["kafka-security": "sasl-plaintext"]).contains("plaintext, ssl, sasl-ssl"))
        for text in ["", "\n", "two\nlines"] {
            try withPassword(text) { path in
                #expect(refusal(["kafka-security": "sasl-ssl", "kafka-user": "a", "kafka-password-file": path]).contains("one line"))
            }
        }
    }
}
