internal import Bootstrap

/// The account's number and the ARNs within it.
struct Account: Sendable {
    let number: String
    let region: String

    init(_ cluster: Cluster) {
        number = cluster.account
        region = cluster.name
    }

    var root: String { "arn:aws:iam::\(number):root" }
    func arn(of role: Role) -> String { self.role(role.path, role.name) }
    func arn(of user: User) -> String { self.user(user.path, user.name) }
    func role(_ path: String, _ name: String) -> String { "arn:aws:iam::\(number):role\(path)\(name)" }
    func user(_ path: String, _ name: String) -> String { "arn:aws:iam::\(number):user\(path)\(name)" }
}
