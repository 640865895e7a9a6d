import HTTP
import JSON
import YAML

/// An OpenAPI 3.0 document with API Gateway's extensions, read into what the gateway needs of it.
///
/// Everything it says is either obeyed or refused by name with its place; schemas, examples and prose alone are passed over.
struct APIDocument: Sendable {
    let table: RouteTable
    let cors: CORSConfiguration?
    let responses: GatewayResponses
    /// The fields besides `Authorization` that carry a credential to one authorizer or another; they go no further than the gateway.
    let credentialFields: [HeaderName]

    enum Format: Sendable { case yaml, json }

    /// The host that an integration's `uri` must name: `http://notes.strongroom.internal/…`. It is never resolved by DNS: the
    /// service's name is looked up among the cluster's peers.
    static let internalSuffix = ".strongroom.internal"

    init(_ bytes: [UInt8], format: Format, environment: Environment) throws(DocumentError) {
        let value: JSONValue
        switch format {
        case .json:
            do throws(JSONError) { value = try JSON.parse(bytes.span) } catch { throw DocumentError(.json(error)) }
        case .yaml:
            let tree: YAMLNode
            do throws(YAMLError) { tree = try YAMLParser.parse(bytes) } catch { throw DocumentError(.yaml(error)) }
            value = try YAMLConversion.value(tree)
        }
        try self.init(DocumentNode(value), environment: environment)
    }

    /// What the document is checked against.
    struct Environment: Sendable {
        /// The cluster's name, as in pool ids and ARNs.
        let region: String
        let account: String
        /// Issuers of this cluster begin so; without a slash at the end.
        let publicURL: String
        /// Servers outside the cluster that routes may lead to, `host:port`.
        var backends: Set<String> = []
    }

    private init(_ root: DocumentNode, environment: Environment) throws(DocumentError) {
        try root.allow([
            "openapi", "info", "servers", "paths", "components", "security", "tags", "externalDocs", "x-amazon-apigateway-cors",
            "x-amazon-apigateway-gateway-responses",
        ])
        let version = try root.require("openapi")
        guard try version.string().hasPrefix("3.0.") else { throw version.error(.unsupported("OpenAPI \(try version.string())")) }
        let stages = try ServersReader.stages(root["servers"])
        let authorizers = try AuthorizerReader.authorizers(root["components"], environment: environment)
        credentialFields = Set(authorizers.values.lazy.filter { !$0.readsAuthorization }.map(\.identityField)).sorted {
            $0.description < $1.description
        }
        let routes = try OperationReader(authorizers: authorizers, defaultSecurity: root["security"], backends: environment.backends).routes(
            root.require("paths"))
        do throws(RouteTable.Flaw) {
            table = try RouteTable(routes: routes, stages: stages)
        } catch {
            switch error {
            case .conflict(let first, let second):
                throw DocumentError(.invalid("\(first) and \(second) match the same requests"), at: "/paths")
            case .hiddenByStage(let path): throw DocumentError(.invalid("\(path) begins with the name of a stage"), at: "/paths")
            }
        }
        cors = try root["x-amazon-apigateway-cors"].map { (node) throws(DocumentError) in try CORSReader.configuration(node) }
        responses = try GatewayResponsesReader.responses(root["x-amazon-apigateway-gateway-responses"])
    }
}
