/// The actions that this version writes.
public enum EventAction {
    public static let createNote = "note.create"
    public static let updateNote = "note.update"
    public static let deleteNote = "note.delete"
    public static let eraseUser = "user.erase"
    public static let deleteTenant = "tenant.delete"
    public static let exportTenant = "tenant.export"
    public static let queryAudit = "audit.query"
}
