/// The state of an outbox before a request's changes, to go back to when its savepoint is rolled back.
public struct OutboxSavepoint {
    let machine: SourceMachine
    let appended: Int
}
