internal import Encodings
internal import Files
public import Observability
internal import Processes

/// What is counted of the process itself, under the names every Prometheus client library uses.
public enum ProcessMetrics {
    public static func register(in metrics: MetricsRegistry, log: LogBuffer, startedAt clock: WallClock) {
        let start = Double(clock.now().milliseconds) / 1000
        metrics.gauge("process_start_time_seconds", help: "When the process started, in seconds since 1970.") { start }
        metrics.gauge("process_resident_memory_bytes", help: "Resident memory.") { Double(residentBytes()) }
        metrics.counter("process_cpu_seconds_total", help: "Processor time, all threads together.") {
            Double(SystemClock.processorNanoseconds() / 1000) / 1_000_000
        }
        metrics.counter("strongroom_log_lines_dropped_total", help: "Log lines lost because their reader was too slow.") {
            Double(log.dropped)
        }
    }

    /// From `/proc/self/statm`; 0 where that can't be read, which says "unknown" well enough.
    private static func residentBytes() -> Int {
        guard let bytes = try? File.read("/proc/self/statm", limit: 4096) else { return 0 }
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * CurrentProcess.pageSize
    }
}
