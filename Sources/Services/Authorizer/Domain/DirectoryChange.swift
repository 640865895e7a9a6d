/// One change of the directory. The store writes it, then every reader sees it.
enum DirectoryChange: Sendable {
    case putRole(Role)
    case deleteRole(String)
    case putUser(User)
    case deleteUser(String)
    case putPolicy(OwnerKind, owner: String, InlinePolicy)
    case deletePolicy(OwnerKind, owner: String, name: String)
    case putKey(AccessKey)
    case deleteKey(String)
}
