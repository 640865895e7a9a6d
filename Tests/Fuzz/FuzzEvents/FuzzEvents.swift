import Contracts
import FuzzSupport

/// The input is a message's value, and also an event, and an event's data. Whatever is read lies within the input; an event that is accepted keeps to the
/// limits, and is written and read again as the same event.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    if let envelope = try? EventEnvelope(bytes.span) {
        for part in [envelope.event, envelope.keyID, envelope.mac] where part.range.upperBound > count { fatalError("outside: \(bytes)") }
        take(Array(bytes[envelope.event.range]))
    }
    // Nobody knows a key, so nothing is believed.
    let verifier = EventVerifier(keys: [(.notes, "k", [UInt8](repeating: 1, count: 32))])
    if (try? verifier.verify(bytes)) != nil { fatalError("believed: \(bytes)") }
    take(bytes)
    if let write = try? NoteWrite(bytes.span), (try? NoteWrite(write.encoded().span)) != write { fatalError("another write: \(bytes)") }
    if let query = try? AuditQuery(bytes.span), (try? AuditQuery(query.encoded().span)) != query { fatalError("another query: \(bytes)") }
    return 0
}

private func take(_ bytes: [UInt8]) {
    guard let fields = try? EventFields(bytes.span) else { return }
    let places = [
        fields.source, fields.tenant, fields.previous, fields.id, fields.epoch, fields.type, fields.userID, fields.username, fields.principal,
        fields.method, fields.action, fields.reason, fields.resourceType, fields.resourceID, fields.requestID, fields.sourceAddress, fields.data,
        fields.traceparent, fields.tracestate,
    ]
    for place in places where place.range.upperBound > bytes.count { fatalError("outside: \(bytes)") }
    guard let event = try? Event(bytes.span) else { return }
    guard (try? event.validate()) != nil, let again = try? Event(event.encoded().span), again == event else {
        fatalError("not the same when written: \(bytes)")
    }
}

@_cdecl("FuzzEvents_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
