internal import Contracts

/// The actions that events of this product have. What a newer source records under another name is in the log all the same, and found by every
/// other filter.
enum RecordedActions {
    static let all = [
        EventAction.createNote, EventAction.updateNote, EventAction.deleteNote, EventAction.eraseUser, EventAction.deleteTenant,
        EventAction.exportTenant,
        EventAction.queryAudit,
    ]
}
