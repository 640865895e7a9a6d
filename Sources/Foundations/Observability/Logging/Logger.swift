public import Encodings

/// Writes one JSON object a line: `time`, `level`, `service`, `message`, then the fields.
///
/// A message is a constant sentence; whatever varies is a field, whose keys are the closed list in `LogField`.
public struct Logger: Sendable {
    public let service: String
    public let minimum: LogLevel
    private let buffer: LogBuffer
    private let now: @Sendable () -> Timestamp
    /// By rank of the level.
    private let middles: [[UInt8]]

    /// - Parameters:
    ///   - service: who writes, on every line; must need no escaping.
    ///   - minimum: lines of a lower level cost a comparison.
    public init(service: String, minimum: LogLevel = .info, buffer: LogBuffer, now: @escaping @Sendable () -> Timestamp) {
        self.service = service
        self.minimum = minimum
        self.buffer = buffer
        self.now = now
        middles = LogLevel.allCases.map { LogLine.middle(level: $0, service: service) }
    }

    /// The same destination under another service's name.
    public func named(_ service: String) -> Logger {
        Logger(service: service, minimum: minimum, buffer: buffer, now: now)
    }

    public func debug(_ message: StaticString, _ fields: LogField...) { write(.debug, message, fields) }
    public func info(_ message: StaticString, _ fields: LogField...) { write(.info, message, fields) }
    public func warning(_ message: StaticString, _ fields: LogField...) { write(.warning, message, fields) }
    public func error(_ message: StaticString, _ fields: LogField...) { write(.error, message, fields) }

    /// For a line whose fields were gathered on the way, such as the one line of a request.
    public func write(_ level: LogLevel, _ message: StaticString, _ fields: [LogField]) {
        guard level >= minimum else { return }
        let time = now()
        buffer.append { $0.append(time: time, middle: middles[level.rank], message: message, fields: fields) }
    }
}
