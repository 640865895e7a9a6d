internal import Bytes
public import Encodings

/// Writes one JSON object a line: `time`, `level`, `service`, `message`, then the fields.
///
/// A message is a constant sentence; whatever varies is a field, whose keys are the closed list in `LogField`.
public struct Logger: Sendable {
    public let service: String
    public let minimum: LogLevel
    private let buffer: LogBuffer
    private let now: @Sendable () -> Timestamp
    /// What stands between a line's time and its message, by rank of the level.
    private let middles: [[UInt8]]

    /// - Parameters:
    ///   - service: who writes, on every line; must need no escaping.
    ///   - minimum: lines of a lower level cost a comparison.
    public init(service: String, minimum: LogLevel = .info, buffer: LogBuffer, now: @escaping @Sendable () -> Timestamp) {
        self.service = service
        self.minimum = minimum
        self.buffer = buffer
        self.now = now
        middles = LogLevel.allCases.map { Array("\",\"level\":\"\($0.rawValue)\",\"service\":\"\(service)\",\"message\":\"".utf8) }
    }

    /// The same destination under another service's name.
    public func named(_ service: String) -> Logger {
        Logger(service: service, minimum: minimum, buffer: buffer, now: now)
    }

    public func debug(_ message: StaticString, _ fields: LogField...) { write(.debug, message, fields) }
    public func info(_ message: StaticString, _ fields: LogField...) { write(.info, message, fields) }
    public func warning(_ message: StaticString, _ fields: LogField...) { write(.warning, message, fields) }
    public func error(_ message: StaticString, _ fields: LogField...) { write(.error, message, fields) }

    /// For a line whose fields were gathered on the way.
    public func write(_ level: LogLevel, _ message: StaticString, _ fields: [LogField]) {
        write(level, message) { line in
            for field in fields { line.append(field) }
        }
    }

    /// The one line of a request.
    /// - Parameter bytesOut: the length of the answer's body, where it was known before it was sent.
    public func write(
        _ level: LogLevel, _ message: StaticString, _ event: RequestEvent, status: Int, durationMicroseconds: UInt64, bytesOut: Int?
    ) {
        write(level, message) { line in
            event.append(to: &line)
            line.append(addingCapacity: 3 * LogField.room) { output in
                output.append(LogField.statusKey, Int64(status))
                output.append(LogField.durationKey, Int64(clamping: durationMicroseconds))
                if let bytesOut { output.append(LogField.bytesOutKey, Int64(bytesOut)) }
            }
        }
    }

    private func write(_ level: LogLevel, _ message: StaticString, fields: (inout [UInt8]) -> Void) {
        guard level >= minimum else { return }
        let time = now()
        let middle = middles[level.rank]
        buffer.append { line, clock in
            // Both ends of the fields and what is around the time and the message; a message is a sentence of ours that needs no escaping.
            line.append(addingCapacity: 16 + LineClock.room + middle.count + message.utf8CodeUnitCount) { output in
                output.append(literal: "{\"time\":\"")
                clock.append(time, to: &output)
                output.append(copying: middle.span)
                output.append(literal: message)
                output.append(UInt8(ascii: "\""))
            }
            fields(&line)
            line.append(literal: "}\n")
        }
    }
}
