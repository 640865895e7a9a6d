public import Contracts
public import Kafka
public import Observability
internal import Processes
internal import Synchronization

/// Puts aside what stands in a topic and is no event of ours, for an operator to look at, and raises the alarm.
///
/// Whoever can write to a topic can write much of it: only so many letters a second are kept, all are counted. A letter that cannot be
/// produced is lost but for its count; the true event comes by replay in any case.
public final class DeadLetters: Sendable {
    /// Letters kept each second.
    public static let rate = 50

    private struct State {
        var producer: Producer?
        var second: UInt64 = 0
        var kept = 0
    }

    private let configuration: ProducerConfiguration
    private let log: Logger
    private let metrics: DeadLetterMetrics
    private let state = Mutex(State())

    public init(producer: ProducerConfiguration, log: Logger, metrics: DeadLetterMetrics) {
        var configuration = producer
        // Nothing is sent twice in order to arrive once: a letter may be lost.
        configuration.properties.append(("enable.idempotence", "false"))
        self.configuration = configuration
        self.log = log
        self.metrics = metrics
    }

    /// Reports a message that ``EventVerifier`` refused. Does not wait for the broker.
    public func add(_ batch: RecordBatch, _ index: Int, reason: EventError) {
        let name = reason.name
        metrics.count(reason)
        guard let producer = admitted() else { return }
        log.error(
            "a message in a topic is not an event of ours", .topic(batch.topic(index)), .partition(Int(batch.partition(index))),
            .offset(batch.offset(index)), .reason(name))
        let value = batch.value(index).prefix(EventLimits.maximumBytes)
        do {
            try producer.produce(topic: EventTopic.deadLetters, key: batch.key(index), value: Array(value), tag: 0) { headers in
                headers.add("strongroom-reason", Array(name.utf8))
                headers.add("strongroom-topic", Array(batch.topic(index).utf8))
                headers.add("strongroom-partition", Array(String(batch.partition(index)).utf8))
                headers.add("strongroom-offset", Array(String(batch.offset(index)).utf8))
            }
        } catch {
            log.warning("a dead letter could not be kept", .error(error))
        }
        for report in producer.poll() {
            if let error = report.error { log.warning("a dead letter could not be kept", .error(error)) }
        }
    }

    /// The producer, if this second has room for one more letter.
    private func admitted() -> Producer? {
        let second = SystemClock.monotonicNanoseconds() / 1_000_000_000
        return state.withLock { state in
            if state.second != second { (state.second, state.kept) = (second, 0) }
            guard state.kept < Self.rate else { return nil }
            state.kept += 1
            if let producer = state.producer, producer.fatalError == nil { return producer }
            do {
                state.producer = try Producer(configuration, log: .to(log))
            } catch {
                log.warning("no producer for dead letters could be made", .error(error))
                state.producer = nil
            }
            return state.producer
        }
    }
}
