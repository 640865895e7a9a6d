import Bytes
import JSON

/// `x-amazon-apigateway-gateway-responses`: status, static headers and a template for the gateway's own answers.
enum GatewayResponsesReader {
    static func responses(_ node: DocumentNode?) throws(DocumentError) -> GatewayResponses {
        var byType: [GatewayResponseType: GatewayResponses.Customisation] = [:]
        for (name, entry) in try node?.members() ?? [] {
            guard let type = GatewayResponseType(rawValue: name), type.isCustomisable else { throw entry.error(.unsupported(name)) }
            byType[type] = try customisation(entry)
        }
        return GatewayResponses(byType)
    }

    private static func customisation(_ node: DocumentNode) throws(DocumentError) -> GatewayResponses.Customisation {
        try node.allow(["statusCode", "responseParameters", "responseTemplates"])
        var result = GatewayResponses.Customisation()
        if let status = node["statusCode"] {
            // An export writes it as text.
            guard let number = status.value.int ?? status.value.string.flatMap({ Int64($0) }), (200...599).contains(number) else {
                throw status.error(.expected("a status from 200 to 599"))
            }
            result.status = Int(number)
        }
        for (name, value) in try node["responseParameters"]?.members() ?? [] {
            let prefix = "gatewayresponse.header."
            guard name.hasPrefix(prefix) else { throw value.error(.unsupported(name)) }
            let field = String(name.dropFirst(prefix.count))
            let quoted = try value.string()
            guard quoted.count >= 2, quoted.hasPrefix("'"), quoted.hasSuffix("'") else {
                throw value.error(.unsupported("a value that is not 'quoted'"))
            }
            let text = quoted.dropFirst().dropLast()
            guard !field.isEmpty, field.utf8.allSatisfy(isTokenByte), text.utf8.allSatisfy(\.isPrintable),
                !["content-length", "transfer-encoding", "connection"].contains(field.lowercased()), !field.lowercased().hasPrefix("x-strongroom-")
            else { throw value.error(.invalid("not a header field the gateway may send")) }
            result.names.insert(field.lowercased())
            result.fields.append(contentsOf: "\(field): \(text)\r\n".utf8)
        }
        if let templates = node["responseTemplates"] {
            try templates.allow(["application/json"])
            let template = try templates.require("application/json")
            switch ResponseTemplate.parse(try template.string()) {
            case .success(let parsed): result.template = parsed
            case .failure(let unknown): throw template.error(.unsupported("the variable \(unknown.name)"))
            }
        }
        return result
    }

    private static func isTokenByte(_ byte: UInt8) -> Bool { byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_") }
}
