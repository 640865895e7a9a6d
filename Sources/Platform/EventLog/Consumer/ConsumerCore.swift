internal import Kafka
internal import Observability
internal import Processes
internal import Threads
internal import Transport

/// The I/O of ``EventConsumer``: one actor on one loop.
actor ConsumerCore: OnLoop {
    nonisolated let loop: EventLoop
    private let configuration: ConsumerConfiguration
    private let topics: [String]
    private let sink: any EventSink
    private let batchLimit: Int
    private let log: Logger
    private let metrics: ConsumerMetrics
    private let beforeOffset = FailPoint("audit.before-offset")

    /// Batches handed over and not done with: while some are stored, the next are read. A batch often holds few tenants, whose files a single
    /// thread writes, so it takes several to keep all of those threads at work.
    private static let depth = 8
    /// A batch of so many messages, and yet not a full one, says that more are on their way: the next may gather for so many milliseconds, since a
    /// commit costs as much as many events. A few messages never wait.
    private static let busyBatch = 16
    private static let gather: UInt64 = 50
    /// What leaving the group may take, in milliseconds.
    private static let closing: UInt64 = 3_000

    private var consumer: Consumer?
    private var watch: DescriptorWatch?
    private var offsets = ConsumedOffsets()
    private var isStopping = false
    private let room = Signal()
    private let closed = Signal()
    private var lacksTopic = false

    init(
        configuration: ConsumerConfiguration, topics: [String], sink: any EventSink, batchLimit: Int, loop: EventLoop, log: Logger,
        metrics: ConsumerMetrics
    ) {
        self.configuration = configuration
        self.topics = topics
        self.sink = sink
        self.batchLimit = batchLimit
        self.loop = loop
        self.log = log
        self.metrics = metrics
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepTime() }
            await self.consume(&group)
        }
        await close()
    }

    private func consume(_ group: inout DiscardingTaskGroup) async {
        while !isStopping, consumer == nil {
            do {
                let made = try Consumer(configuration, topics: topics, log: .to(log))
                watch = try DescriptorWatch(made.wakeDescriptor, on: loop)
                consumer = made
            } catch {
                log.error("no consumer could be made", .error(error))
                // Cut short when the service stops.
                try? await loop.sleep(milliseconds: 1_000)
            }
        }
        while !isStopping, let consumer {
            let polled = consumer.poll(atMost: batchLimit)
            for error in polled.errors where !error.isTransport {
                log.debug("the consumer reports an error", .error(error))
                if error.isUnknownTopic { lacksTopic = true }
            }
            guard let batch = polled.batch else {
                guard await waitForMessages() else { return }
                continue
            }
            metrics.consumed.increment(by: UInt64(batch.count))
            let number = offsets.begin(batch.nextOffsets)
            group.addTask { await self.deliver(batch, number) }
            while offsets.pending >= Self.depth, !isStopping { await room.wait() }
            if batch.count >= Self.busyBatch, batch.count < batchLimit / 2 {
                // Cut short when the service stops.
                try? await loop.sleep(milliseconds: Self.gather)
            }
        }
    }

    private func deliver(_ batch: RecordBatch, _ number: Int) async {
        var attempt = 0
        while !isStopping {
            do {
                try await sink.receive(batch)
                let done = offsets.finish(number)
                beforeOffset.pass()
                if !done.isEmpty { consumer?.commit(done) }
                return room.send()
            } catch {
                attempt += 1
                metrics.retried.increment()
                log.warning("events could not be stored and are tried again", .count(batch.count), .attempt(attempt), .error(error))
                // Cut short when the service stops.
                try? await loop.sleep(milliseconds: min(100 << UInt64(min(attempt, 6)), 5_000))
            }
        }
    }

    /// - Returns: false at the end.
    private func waitForMessages() async -> Bool {
        // The watch is one-shot; the timer below cuts it short now and then, since the descriptor tells only of the first message.
        await watch?.readable() ?? false
    }

    /// Serves rebalances while nothing comes; ends when the service's task is cancelled, and ends the rest with it.
    private func keepTime() async {
        while !Task.isCancelled {
            do { try await loop.sleep(milliseconds: 500) } catch { break }
            if lacksTopic { takeAgain() }
            measure()
            // The waiting task looks at its queue again.
            watch?.nudge()
        }
        isStopping = true
        watch?.close()
        room.close()
    }

    private func measure() {
        let lag = consumer?.lag() ?? [:]
        for (topic, gauge) in metrics.lag { gauge.set(Int64(lag[topic] ?? 0)) }
        metrics.partitions.set(Int64(consumer?.assignment().count ?? 0))
    }

    /// A topic was not there yet when its partitions were taken.
    private func takeAgain() {
        lacksTopic = false
        do throws(KafkaError) { try consumer?.takeAgain() } catch { log.warning("partitions could not be taken again", .error(error)) }
    }

    private func close() async {
        watch = nil
        guard let old = consumer else { return }
        consumer = nil
        do {
            let thread = try WorkerThread(name: "consumer-close")
            thread.submit { [self] in
                // Leaves the group, so that another member takes over at once.
                old.close()
                loop.execute { [self] in assumeIsolated { $0.closed.send() } }
            }
        } catch {
            return log.warning("no thread to close the consumer on", .error(error))
        }
        // With offsets to commit and no broker left, the library waits for as long as a session lasts; the group then learns of the end by itself.
        let timer = loop.schedule(afterMilliseconds: Self.closing) { [self] in assumeIsolated { $0.closed.close() } }
        await closed.wait()
        loop.cancelTimer(timer)
        if closed.isClosed { log.warning("the consumer could not take leave of its group: no broker answers") }
    }
}
