internal import Encodings

/// A user's access key.
struct AccessKey: Sendable {
    enum Status: String, Sendable {
        case active = "Active"
        case inactive = "Inactive"
    }

    var id: String
    /// The user's name in lower case.
    var owner: String
    var status: Status
    var secret: [UInt8]
    var created: Timestamp
}
