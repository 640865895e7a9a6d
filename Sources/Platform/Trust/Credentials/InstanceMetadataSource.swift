/// The role of an EC2 instance, by version 2 of its metadata service. Version 1, which any request forgery could read, isn't spoken.
struct InstanceMetadataSource: CredentialSource {
    let name = "instance metadata"

    private static let roles = "/latest/meta-data/iam/security-credentials/"

    func load(_ surroundings: CredentialSurroundings) async throws(CredentialError) -> ProvidedCredentials? {
        guard surroundings.variable("AWS_EC2_METADATA_DISABLED")?.lowercased() != "true" else { return nil }
        var endpoint = PlainURL(host: "169.254.169.254", port: 80, target: "/")
        var isConfigured = false
        if let text = surroundings.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT") {
            guard let url = PlainURL(text) else { throw .malformed(source: name, part: "AWS_EC2_METADATA_SERVICE_ENDPOINT") }
            endpoint = url
            isConfigured = true
        }
        let token: [UInt8]
        do throws(CredentialError) {
            token = try await ask(
                endpoint, "PUT", "/latest/api/token", ["x-aws-ec2-metadata-token-ttl-seconds": "21600"], surroundings)
        } catch {
            // Nobody there: this is no EC2 instance, unless somebody said so.
            if isConfigured { throw error }
            return nil
        }
        let header = ["x-aws-ec2-metadata-token": try text(token)]
        let role = try text(try await ask(endpoint, "GET", InstanceMetadataSource.roles, header, surroundings)).prefix { !$0.isNewline }
        guard !role.isEmpty, PlainURL.isTarget(String(role)) else { throw .malformed(source: name, part: "the role's name") }
        let answer = try await ask(endpoint, "GET", InstanceMetadataSource.roles + role, header, surroundings)
        return try MetadataCredentials.read(answer, source: name)
    }

    private func text(_ bytes: [UInt8]) throws(CredentialError) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), !text.isEmpty else { throw .malformed(source: name, part: "the answer") }
        return text
    }

    private func ask(
        _ endpoint: PlainURL, _ method: String, _ target: String, _ headers: [String: String], _ surroundings: CredentialSurroundings
    ) async throws(CredentialError) -> [UInt8] {
        let request = CredentialSurroundings.MetadataRequest(
            method: method, host: endpoint.host, port: endpoint.port, target: target, headers: headers, timeoutMilliseconds: 1000)
        let response: CredentialSurroundings.MetadataResponse
        do {
            response = try await surroundings.fetch(request)
        } catch {
            throw .endpoint(source: name, cause: "\(error)")
        }
        guard response.status == 200 else { throw .endpoint(source: name, cause: "status \(response.status)") }
        return response.body
    }
}
