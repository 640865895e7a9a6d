internal import Contracts
internal import Kafka
internal import Observability
internal import Processes
internal import Threads
internal import Transport

/// The I/O around ``RelayMachine``: one actor on one loop.
actor RelayCore: OnLoop {
    nonisolated let loop: EventLoop
    private let source: any OutboxSource
    private let marks: any MarksClient
    private let configuration: RelayConfiguration
    private let inbox: RelayInbox
    private let log: Logger
    private let metrics: RelayMetrics
    private let tracer: Tracer?
    private let afterProduce = FailPoint("relay.after-produce")

    private var machine: RelayMachine
    private var producer: Producer?
    private var watch: DescriptorWatch?
    private var inFlight = InFlight()
    private var isStopping = false
    private let readable = Signal()
    private let questions = Signal()
    private let confirmable = Signal()
    private var confirmations: [StreamID: StreamMark] = [:]
    /// Tenants that were deleted since the source was asked for its pending streams; nil while it isn't.
    private var goneMeanwhile: Set<String>?

    init(
        source: any OutboxSource, marks: any MarksClient, configuration: RelayConfiguration, inbox: RelayInbox, loop: EventLoop, log: Logger,
        metrics: RelayMetrics, tracer: Tracer?
    ) {
        self.source = source
        self.marks = marks
        self.configuration = configuration
        self.inbox = inbox
        self.loop = loop
        self.log = log
        self.metrics = metrics
        self.tracer = tracer
        machine = RelayMachine(limits: configuration.limits)
    }

    func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.findPending() }
            group.addTask { await self.produceAndReport() }
            group.addTask { await self.readOutboxes() }
            group.addTask { await self.askForMarks() }
            group.addTask { await self.confirmMarks() }
            group.addTask { await self.keepTime() }
        }
        await putAway()
    }

    // MARK: What there is to send

    private func findPending() async {
        while !isStopping {
            do {
                let unreadable = try await takePending()
                if unreadable == 0 { return }
                log.warning("outboxes could not be read", .count(unreadable))
                await pause(10_000)
            } catch {
                log.error("pending streams could not be listed", .error(error))
                await pause(1_000)
            }
        }
    }

    /// Returns how many files could not be read.
    private func takePending() async throws(OutboxSourceError) -> Int {
        goneMeanwhile = []
        defer { goneMeanwhile = nil }
        let pending = try await source.pendingStreams()
        // A tenant may have been deleted after its streams were listed: nobody would ever confirm them.
        for head in pending.streams where goneMeanwhile?.contains(head.stream.tenant) != true {
            machine.found(head.stream, head: head.head, mark: head.mark, now: loop.now)
        }
        wakeAll()
        return pending.unreadable
    }

    func takeInbox() {
        let contents = inbox.take()
        var start = 0
        let events = contents.events
        while start < events.count {
            let stream = events[start].position.stream
            var end = start + 1
            while end < events.count, events[end].position.stream == stream, events[end].position.seq == events[end - 1].position.seq + 1 { end += 1 }
            let sent = machine.committed(
                stream, first: events[start].position.seq, sizes: events[start..<end].map(\.envelope.count), now: loop.now)
            produce(events[start..<(start + sent.count)], pass: sent.pass)
            start = end
        }
        for (stream, head) in contents.heads { machine.found(stream, head: head, mark: head - 1, now: loop.now) }
        for recheck in contents.rechecks { machine.recheck(recheck.stream, head: recheck.head) }
        for tenant in contents.gone {
            goneMeanwhile?.insert(tenant)
            machine.forget(tenant: tenant)
            confirmations = confirmations.filter { $0.key.tenant != tenant }
        }
        wakeAll()
    }

    private func readOutboxes() async {
        while !isStopping {
            guard producer != nil, let read = machine.nextRead() else {
                await readable.wait()
                continue
            }
            var events: [CommittedEvent] = []
            do {
                events = try await source.events(
                    of: read.stream, from: read.from, to: read.to, count: configuration.limits.readEvents, bytes: configuration.limits.readBytes)
            } catch {
                log.warning("an outbox could not be read", .stream("\(read.stream.epoch)"), .error(error))
            }
            // Rows that are gone already leave a hole, which audit would only refuse.
            if events.first?.position.seq != read.from { events = [] }
            let count = machine.loaded(read, sizes: events.map(\.envelope.count))
            produce(events[..<count], pass: read.pass)
            questions.send()
        }
    }

    // MARK: Producing

    private func produce(_ events: ArraySlice<CommittedEvent>, pass: UInt64) {
        guard let stream = events.first?.position.stream else { return }
        let key = Array(stream.tenant.utf8)
        let tag = inFlight.add(stream, pass: pass, count: events.count)
        for (index, event) in events.enumerated() {
            do throws(KafkaError) {
                guard let producer else { throw KafkaError.noProducer }
                try produce(event.envelope, key, tag, by: producer)
            } catch {
                metrics.produced.increment(by: UInt64(index))
                metrics.failed.increment()
                _ = inFlight.remove(tag, count: events.count - index)
                return machine.deliveryFailed(stream, pass: pass, now: loop.now)
            }
        }
        metrics.produced.increment(by: UInt64(events.count))
        afterProduce.pass()
    }

    private func produce(_ envelope: [UInt8], _ key: [UInt8], _ tag: UInt64, by producer: Producer) throws(KafkaError) {
        guard let tracer else {
            return try producer.produce(topic: configuration.topic, key: key.span, value: envelope.span, tag: tag) { headers in
                CloudEventHeaders.forEach(of: envelope.span) { headers.add($0, $1) }
            }
        }
        let started = SystemClock.monotonicNanoseconds()
        var traced: (span: TraceContext, parent: TraceContext)?
        try producer.produce(topic: configuration.topic, key: key.span, value: envelope.span, tag: tag) { headers in
            CloudEventHeaders.forEach(of: envelope.span) { name, value in
                if let made = tracer.child(ofHeader: name, value) {
                    traced = made
                    headers.add(name, Array(made.span.header.utf8))
                } else {
                    headers.add(name, value)
                }
            }
        }
        guard let traced else { return }
        let microseconds = (SystemClock.monotonicNanoseconds() - started) / 1000
        tracer.recordSend(traced.span, parent: traced.parent, topic: configuration.topic, microseconds: microseconds)
    }

    private static let shortLife: UInt64 = 10_000

    /// Makes producers, one after another, and hears what becomes of their messages.
    private func produceAndReport() async {
        while !isStopping {
            let madeAt = loop.now
            do {
                let producer = try Producer(configuration.producer, log: .to(log))
                let watch = try DescriptorWatch(producer.wakeDescriptor, on: loop)
                self.producer = producer
                self.watch = watch
                wakeAll()
                repeat { hearReports() } while await watch.readable()
            } catch {
                log.error("no producer could be made", .error(error))
                await pause(1_000)
            }
            if !isStopping, producer != nil {
                metrics.producersLost.increment()
                inFlight.removeAll()
                machine.producerFailed(now: loop.now)
                await dropProducer()
                // One that a broker refuses for good, for want of a permission say, would be followed by the next one at once, and so on.
                if loop.now - madeAt < Self.shortLife { await pause(1_000) }
            }
        }
    }

    private func hearReports() {
        guard let producer else { return }
        let reports = producer.poll()
        var start = 0
        while start < reports.count {
            let (tag, error) = (reports[start].tag, reports[start].error)
            var end = start + 1
            while end < reports.count, reports[end].tag == tag, (reports[end].error == nil) == (error == nil) { end += 1 }
            let answered = inFlight.remove(tag, count: end - start)
            if let error, let (stream, pass) = answered {
                metrics.failed.increment(by: UInt64(end - start))
                log.debug("Events were not delivered", .count(end - start), .error(error))
                machine.deliveryFailed(stream, pass: pass, now: loop.now)
            }
            start = end
        }
        if let error = producer.fatalError {
            log.warning("the producer can no longer be used and is replaced", .error(error))
            watch?.close()
        }
        readable.send()
    }

    /// Gives the producer up on a thread that may block.
    private func dropProducer() async {
        watch?.close()
        watch = nil
        guard let old = producer else { return }
        producer = nil
        do {
            try WorkerThread(name: "producer-close").submit { withExtendedLifetime(old) {} }
        } catch {
            log.warning("no thread to close a producer on", .error(error))
        }
    }

    // MARK: Marks

    private func askForMarks() async {
        while !isStopping {
            let asked = machine.questions(atMost: MarksRequest.maximumStreams)
            guard !asked.isEmpty else {
                await questions.wait()
                continue
            }
            do {
                let answer = try await marks.marks(MarksRequest(streams: asked, wait: 1))
                for mark in answer.marks where machine.marked(mark.stream, mark: mark.mark, now: loop.now) {
                    confirmations[mark.stream] = mark
                }
                if !confirmations.isEmpty { confirmable.send() }
                readable.send()
                await pause(configuration.marksInterval)
            } catch {
                log.debug("audit could not be asked for its marks", .error(error))
                machine.unanswered(now: loop.now)
                await pause(500)
            }
        }
    }

    /// Tells the source. Each time is a commit of every outbox concerned, so marks are gathered for a while: a source that restarts with old
    /// ones only sends some events again.
    private func confirmMarks() async {
        while !isStopping {
            if confirmations.isEmpty { await confirmable.wait() }
            let marks = Array(confirmations.values)
            confirmations = [:]
            let failed = await source.confirm(marks)
            if !failed.isEmpty { log.warning("marks could not be stored in their outboxes", .count(failed.count)) }
            // What audit has said meanwhile is newer.
            for mark in failed where confirmations[mark.stream] == nil { confirmations[mark.stream] = mark }
            await pause(configuration.confirmInterval)
        }
    }

    // MARK: Time

    /// Ends when the service's task is cancelled, and ends the others with it.
    private func keepTime() async {
        while !Task.isCancelled {
            do { try await loop.sleep(milliseconds: 250) } catch { break }
            machine.tick(now: loop.now)
            // The descriptor tells of the first report only; one that came while we drained is found here.
            hearReports()
            metrics.backlog.set(Int64(clamping: machine.backlog))
            metrics.longestWait.set(Int64(clamping: machine.longestWait(now: loop.now) / 1000))
            metrics.unconfirmedBytes.set(Int64(machine.unconfirmedBytes))
            wakeAll()
        }
        isStopping = true
        readable.close()
        questions.close()
        confirmable.close()
        watch?.close()
    }

    private func putAway() async {
        // What was not delivered yet stays in the outboxes.
        await dropProducer()
    }

    private func pause(_ milliseconds: UInt64) async {
        // Cut short when the service stops: the loops above look at isStopping next.
        try? await loop.sleep(milliseconds: milliseconds)
    }

    private func wakeAll() {
        readable.send()
        questions.send()
    }
}
