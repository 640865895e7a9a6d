import Observability
import Testing

@Suite struct MetricsTests {
    private func text(_ metrics: MetricsRegistry) -> String {
        String(decoding: metrics.exposition(), as: UTF8.self)
    }

    @Test func countersAreWrittenByNameThenByLabels() {
        let metrics = MetricsRegistry()
        metrics.counter("zebras_total", help: "Zebras seen.").increment()
        metrics.counter("notes_total", help: "Notes written.", labels: MetricLabel("outcome", "refused")).increment(by: 2)
        metrics.counter("notes_total", help: "Notes written.", labels: MetricLabel("outcome", "accepted")).increment(by: 40)
        #expect(
            text(metrics) == """
                # HELP notes_total Notes written.
                # TYPE notes_total counter
                notes_total{outcome="accepted"} 40
                notes_total{outcome="refused"} 2
                # HELP zebras_total Zebras seen.
                # TYPE zebras_total counter
                zebras_total 1

                """)
    }

    @Test func theSameNameAndLabelsAreTheSameSeriesInAnyOrder() {
        let metrics = MetricsRegistry()
        let one = metrics.counter("calls_total", help: "Calls.", labels: MetricLabel("a", "1"), MetricLabel("b", "2"))
        let two = metrics.counter("calls_total", help: "Calls.", labels: MetricLabel("b", "2"), MetricLabel("a", "1"))
        #expect(one === two)
    }

    @Test func labelValuesAndHelpTextsAreEscaped() {
        let metrics = MetricsRegistry()
        metrics.gauge("level", help: "a \\ and a \"line\"\nbreak", labels: MetricLabel("path", "C:\\\"x\"\n")).set(-3)
        #expect(
            text(metrics) == #"# HELP level a \\ and a "line"\nbreak"# + "\n# TYPE level gauge\n" + #"level{path="C:\\\"x\"\n"} -3"# + "\n")
    }

    @Test func aHistogramIsCumulativeAndInSeconds() throws {
        let metrics = MetricsRegistry()
        let histogram = metrics.histogram("request_seconds", help: "Durations.", labels: MetricLabel("route", "/notes"))
        for duration: UInt64 in [50, 51, 1_000, 99_000_000] { histogram.observe(microseconds: duration) }
        let lines = text(metrics).split(separator: "\n")
        #expect(lines.contains(#"request_seconds_bucket{route="/notes",le="5e-05"} 1"#))
        #expect(lines.contains(#"request_seconds_bucket{route="/notes",le="0.0001"} 2"#))
        #expect(lines.contains(#"request_seconds_bucket{route="/notes",le="0.001"} 3"#))
        #expect(lines.contains(#"request_seconds_bucket{route="/notes",le="10"} 3"#))
        #expect(lines.contains(#"request_seconds_bucket{route="/notes",le="+Inf"} 4"#))
        #expect(lines.contains(#"request_seconds_sum{route="/notes"} 99.001101"#))
        #expect(lines.contains(#"request_seconds_count{route="/notes"} 4"#))
    }

    @Test func aMeasuredGaugeIsReadWhenAsked() {
        let metrics = MetricsRegistry()
        metrics.gauge("bytes", help: "Bytes held.") { 17 }
        metrics.gauge("ratio", help: "A ratio.") { 0.25 }
        metrics.counter("worst_total", help: "Beyond numbers.") { .infinity }
        let text = text(metrics)
        #expect(text.contains("\nbytes 17\n") && text.contains("\nratio 0.25\n") && text.contains("\nworst_total +Inf\n"))
    }

    @Test func countingFromManyThreadsLosesNothing() async {
        let metrics = MetricsRegistry()
        let counter = metrics.counter("hits_total", help: "Hits.")
        let histogram = metrics.histogram("hit_seconds", help: "Hits.")
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for duration in 0..<1_000 {
                        counter.increment()
                        histogram.observe(microseconds: UInt64(duration))
                    }
                }
            }
        }
        #expect(counter.value == 8_000)
        #expect(histogram.snapshot().buckets.reduce(0, +) == 8_000)
    }
}
