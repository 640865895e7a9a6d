internal import CYAML

/// One event of libyaml's stream, copied out of the C union; what has a meaning beyond what it shows is refused here.
struct YAMLEvent {
    enum Kind {
        case streamStart, streamEnd, documentStart, documentEnd
        case scalar(String, isPlain: Bool)
        case sequenceStart, sequenceEnd, mappingStart, mappingEnd
        case none
    }

    let kind: Kind
    let line: Int
    let column: Int

    /// `event` owns its strings for as long as this runs. `type` says which member of the union is set.
    @unsafe
    init(_ event: yaml_event_t) throws(YAMLError) {
        let line = unsafe Int(event.start_mark.line) + 1
        let column = unsafe Int(event.start_mark.column) + 1
        self.line = line
        self.column = column
        func refuse(_ reason: YAMLError.Reason) -> YAMLError { YAMLError(reason, line: line, column: column) }

        switch unsafe event.type {
        case YAML_STREAM_START_EVENT: kind = .streamStart
        case YAML_STREAM_END_EVENT: kind = .streamEnd
        case YAML_DOCUMENT_START_EVENT:
            let start = unsafe event.data.document_start
            guard unsafe start.version_directive == nil, unsafe start.tag_directives.start == start.tag_directives.end else {
                throw refuse(.unsupported("a directive"))
            }
            kind = .documentStart
        case YAML_DOCUMENT_END_EVENT: kind = .documentEnd
        case YAML_ALIAS_EVENT: throw refuse(.unsupported("an alias"))
        case YAML_SCALAR_EVENT:
            let scalar = unsafe event.data.scalar
            if unsafe scalar.anchor != nil { throw refuse(.unsupported("an anchor")) }
            if unsafe scalar.tag != nil { throw refuse(.unsupported("a tag")) }
            let bytes = unsafe UnsafeBufferPointer(start: scalar.value, count: scalar.length)
            // libyaml checks UTF-8 itself; a second opinion costs nothing here.
            guard let text = unsafe String(validating: bytes, as: UTF8.self) else { throw refuse(.malformed("text that is not UTF-8")) }
            kind = unsafe .scalar(text, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE)
        case YAML_SEQUENCE_START_EVENT:
            let start = unsafe event.data.sequence_start
            if unsafe start.anchor != nil { throw refuse(.unsupported("an anchor")) }
            if unsafe start.tag != nil { throw refuse(.unsupported("a tag")) }
            kind = .sequenceStart
        case YAML_SEQUENCE_END_EVENT: kind = .sequenceEnd
        case YAML_MAPPING_START_EVENT:
            let start = unsafe event.data.mapping_start
            if unsafe start.anchor != nil { throw refuse(.unsupported("an anchor")) }
            if unsafe start.tag != nil { throw refuse(.unsupported("a tag")) }
            kind = .mappingStart
        case YAML_MAPPING_END_EVENT: kind = .mappingEnd
        default: kind = .none
        }
    }

    func error(_ reason: YAMLError.Reason) -> YAMLError {
        YAMLError(reason, line: line, column: column)
    }
}
