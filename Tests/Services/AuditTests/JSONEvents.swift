import JSON

@testable import Audit

enum JSONEvents {
    static func parse(_ page: EventPage) throws -> [JSONValue] {
        try JSON.parse(EventJSON.encode(page, nextToken: nil))["events"]?.array ?? []
    }
}
