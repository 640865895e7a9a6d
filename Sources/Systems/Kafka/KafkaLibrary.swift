internal import CKafka

/// The C library this binds.
public enum KafkaLibrary {
    /// Such as `2.0.2`.
    public static var version: String { unsafe String(cString: rd_kafka_version_str()) }
}
