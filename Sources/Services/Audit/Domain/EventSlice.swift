/// A part of a page: what one turn of a reading thread found.
struct EventSlice: Sendable {
    /// JSON objects, with commas between them.
    var json: [UInt8] = []
    var count = 0
    /// Where to go on. Nil at the end of the log, or of what of it the query is about.
    var next: EventCursor?
    /// Whether ``count`` or ``json`` is as large as was allowed, and there is another event that matches.
    var isFull = false
    /// Whether the log holds any event of a stream other than its own.
    var knowsSource = false
    /// Rows looked at.
    var scanned = 0
    /// Bodies that are not what their leaf commits to: the file was tampered with.
    var unreadable = 0
}
