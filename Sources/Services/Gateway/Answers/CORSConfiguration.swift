/// What the document's `x-amazon-apigateway-cors` allows, with the fields of its answers rendered once.
struct CORSConfiguration: Hashable, Sendable {
    enum Origins: Hashable, Sendable {
        case any
        /// These, and all whose text begins with one of the schemes.
        case only([[UInt8]], schemes: [[UInt8]])
    }

    let origins: Origins
    /// Fields, each with its CRLF, of the answer to a preflight: methods, headers, age.
    let preflightFields: [UInt8]
    /// Fields of every other answer: exposed headers, credentials.
    let commonFields: [UInt8]

    init(
        origins: [String], methods: [String], headers: [String], exposed: [String], maximumAge: Int?, allowsCredentials: Bool
    ) {
        let (schemes, named) = (origins.filter { $0.hasSuffix("://*") }, origins.filter { !$0.hasSuffix("://*") })
        self.origins =
            origins.contains("*") ? .any : .only(named.map { Array($0.utf8) }, schemes: schemes.map { Array($0.dropLast().utf8) })
        var preflight = ""
        if !methods.isEmpty { preflight += "access-control-allow-methods: \(methods.joined(separator: ","))\r\n" }
        if !headers.isEmpty { preflight += "access-control-allow-headers: \(headers.joined(separator: ","))\r\n" }
        if let maximumAge { preflight += "access-control-max-age: \(maximumAge)\r\n" }
        preflightFields = Array(preflight.utf8)
        var common = ""
        if allowsCredentials { common += "access-control-allow-credentials: true\r\n" }
        if !exposed.isEmpty { common += "access-control-expose-headers: \(exposed.joined(separator: ","))\r\n" }
        commonFields = Array(common.utf8)
    }

    /// The fields of an answer to a request from `origin`, each with its CRLF. Where the origin is not allowed, or there is none, it is only said that the answer
    /// could be another.
    func lines(for origin: [UInt8]?, isPreflight: Bool = false) -> [UInt8] {
        var output: [UInt8] = []
        switch origins {
        case .any:
            guard origin != nil else { return [] }
            output.append(contentsOf: Self.anyOrigin)
        case .only(let allowed, let schemes):
            // Caches must not give one origin's answer to another.
            output.append(contentsOf: Self.varyOrigin)
            guard let origin, allowed.contains(origin) || schemes.contains(where: { origin.starts(with: $0) }) else { return output }
            output.append(contentsOf: Self.originName)
            output.append(contentsOf: origin)
            output.append(contentsOf: Self.lineEnd)
        }
        output.append(contentsOf: commonFields)
        if isPreflight { output.append(contentsOf: preflightFields) }
        return output
    }

    private static let anyOrigin = Array("access-control-allow-origin: *\r\n".utf8)
    private static let originName = Array("access-control-allow-origin: ".utf8)
    private static let lineEnd: [UInt8] = [13, 10]
    private static let varyOrigin = Array("vary: Origin\r\n".utf8)

    /// The AWS APIs of identity, as browsers' SDKs need them (they carry no cookies, so any origin may ask).
    static let awsAPI = CORSConfiguration(
        origins: ["*"], methods: ["POST", "OPTIONS"],
        headers: [
            "authorization", "content-type", "cache-control", "x-amz-target", "x-amz-user-agent", "x-amz-date", "x-amz-content-sha256",
            "x-amz-security-token", "amz-sdk-invocation-id", "amz-sdk-request",
        ],
        exposed: ["x-amzn-requestid", "x-amzn-errortype", "x-amzn-errormessage", "date"], maximumAge: 172_800, allowsCredentials: false)
}
