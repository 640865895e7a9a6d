enum CallerIdentityAction {
    /// Needs no permission: whoever signs may know who they are.
    static let getCallerIdentity = QueryAction(
        .sts, "GetCallerIdentity", [], resource: nil,
        perform: { call in
            let userID =
                switch call.principal {
                case .root: call.account.number
                case .user(let user): user.id
                case .role(let role): role.id
                }
            return { xml in
                xml.element("Arn", call.principalARN)
                xml.element("UserId", userID)
                xml.element("Account", call.account.number)
            }
        })
}
