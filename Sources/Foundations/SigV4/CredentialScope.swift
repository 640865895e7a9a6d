public import Encodings

/// What a signing key is good for: one day, one region, one service.
public struct CredentialScope: Hashable, Sendable {
    /// `20261121`.
    public let date: [UInt8]
    public let region: [UInt8]
    public let service: [UInt8]

    static let terminator = Array("aws4_request".utf8)

    public init(date: Timestamp, region: String, service: String) {
        var stamp: [UInt8] = []
        date.appendDateStamp(to: &stamp)
        self.init(date: stamp, region: Array(region.utf8), service: Array(service.utf8))
    }

    public init(date: [UInt8], region: [UInt8], service: [UInt8]) {
        self.date = date
        self.region = region
        self.service = service
    }

    /// Appends `date/region/service/aws4_request`.
    public func append(to output: inout [UInt8]) {
        output.append(contentsOf: date)
        output.append(UInt8(ascii: "/"))
        output.append(contentsOf: region)
        output.append(UInt8(ascii: "/"))
        output.append(contentsOf: service)
        output.append(UInt8(ascii: "/"))
        output.append(contentsOf: CredentialScope.terminator)
    }
}
