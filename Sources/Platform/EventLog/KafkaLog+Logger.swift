internal import Kafka
internal import Observability

extension KafkaLog {
    /// The client's own lines in our log: the facility says what it was about.
    static func to(_ log: Logger) -> KafkaLog {
        KafkaLog { level, facility, message in
            let fields: [LogField] = [.operation(facility), .reason(message)]
            switch level {
            case .error, .warning: log.write(.warning, "the Kafka client has something to say", fields)
            case .info: log.write(.info, "the Kafka client has something to say", fields)
            case .debug: log.write(.debug, "the Kafka client has something to say", fields)
            }
        }
    }
}
