internal import Encodings

/// One answer's events.
struct EventPage: Sendable {
    /// JSON objects, with commas between them.
    private(set) var json: [UInt8] = []
    private(set) var count = 0
    /// Where the next page begins.
    private(set) var next: EventCursor?
    /// Whether nothing that matches lies beyond this page, in the log as it was when the query began.
    private(set) var isComplete = false
    /// Whether the log holds any event of a source: until then it can't say that there is nothing more.
    private(set) var knowsSource = false
    private(set) var unreadable = 0

    init(next: EventCursor? = nil, isComplete: Bool = false) {
        self.next = next
        self.isComplete = isComplete
    }

    mutating func add(_ slice: EventSlice) {
        if count > 0, slice.count > 0 { json.append(UInt8(ascii: ",")) }
        json += slice.json
        count += slice.count
        unreadable += slice.unreadable
        next = slice.next
        isComplete = slice.next == nil
        knowsSource = slice.knowsSource
    }
}
