/// The two AWS services that speak here, told apart by the version of their API.
enum QueryService: String, Sendable {
    case iam = "2010-05-08"
    case sts = "2011-06-15"

    var namespace: String {
        switch self {
        case .iam: "https://iam.amazonaws.com/doc/2010-05-08/"
        case .sts: "https://sts.amazonaws.com/doc/2011-06-15/"
        }
    }

    /// The prefix of its actions in policies.
    var prefix: String {
        switch self {
        case .iam: "iam"
        case .sts: "sts"
        }
    }
}
