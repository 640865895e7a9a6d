/// The document's `x-amazon-apigateway-gateway-responses`: the gateway's own answers, made over. What services answer is never changed.
struct GatewayResponses: Hashable, Sendable {
    struct Customisation: Hashable, Sendable {
        var status: Int?
        /// Fields as they are sent, each with its CRLF.
        var fields: [UInt8] = []
        /// Lower-case names in `fields`, which replace the gateway's own.
        var names: Set<String> = []
        /// By media type; the gateway's own answers are all JSON.
        var template: ResponseTemplate?
    }

    private var byType: [GatewayResponseType: Customisation]

    init(_ byType: [GatewayResponseType: Customisation] = [:]) {
        self.byType = byType
    }

    /// The type's own customisation, else that of its class.
    func customisation(of contract: GatewayError.Contract) -> Customisation? {
        if byType.isEmpty { return nil }
        if let type = contract.type {
            guard type.isCustomisable else { return nil }
            if let own = byType[type] { return own }
        }
        return byType[contract.status < 500 ? .default4XX : .default5XX]
    }
}
