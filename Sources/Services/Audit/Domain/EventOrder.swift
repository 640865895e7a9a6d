/// The order of an answer: that of the log, from one of its ends. Events of one user are in the order they happened.
enum EventOrder: String, CaseIterable, Sendable {
    case newest, oldest
}
