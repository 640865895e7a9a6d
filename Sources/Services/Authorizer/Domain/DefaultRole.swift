internal import Bootstrap
internal import Encodings
internal import Policies

/// The role that every user of every pool has.
enum DefaultRole {
    static let name = "strongroom-user"

    /// As the account is made: the role, and a policy that lets it call every route of the API. Routes narrow that down themselves; an operator
    /// may do so for all by changing this policy.
    static func changes(account: Account, now: Timestamp) throws(PolicyError) -> [DirectoryChange] {
        let policy = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke",\
            "Resource":"arn:aws:execute-api:\(account.region):\(account.number):strongroom/*"}]}
            """
        let trust = """
            {"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"cognito-idp.amazonaws.com"},\
            "Action":"sts:AssumeRole"}]}
            """
        let role = Role(
            name: name, id: IAMIdentifiers.make("AROA"), path: "/", description: "What every user may do", trustPolicy: trust, maximumSession: 3600,
            created: now)
        let document = try PolicyDocument(parsing: policy.utf8.span, limit: nil)
        return [.putRole(role), .putPolicy(.role, owner: name, InlinePolicy(name: "invoke-api", text: policy, document: document))]
    }
}
