internal import CKafka

/// Where a client's own log lines go. Called from the library's threads.
public struct KafkaLog: Sendable {
    public enum Level: Sendable {
        case error, warning, info, debug
    }

    let write: @Sendable (_ level: Level, _ facility: String, _ message: String) -> Void

    public init(_ write: @escaping @Sendable (_ level: Level, _ facility: String, _ message: String) -> Void) {
        self.write = write
    }

    public static let silent = KafkaLog { _, _, _ in }

    final class Box: Sendable {
        let log: KafkaLog

        init(_ log: KafkaLog) { self.log = log }
    }

    /// Syslog's numbers, which the library uses.
    static func level(_ number: Int32) -> Level {
        switch number {
        case ...3: .error
        case 4, 5: .warning
        case 6: .info
        default: .debug
        }
    }
}
