internal import Bytes

/// The Prometheus text exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var bytes: [UInt8] = []

    mutating func append(_ name: String, _ family: MetricsRegistry.Family) {
        text("# HELP \(name) \(Self.escaped(family.help, quotes: false))\n# TYPE \(name) \(family.kind.rawValue)\n")
        let ordered = family.series.sorted { $0.key.lexicographicallyPrecedes($1.key) }
        for (labels, series) in ordered {
            switch series {
            case .counter(let counter): sample(name, labels, "\(counter.value)")
            case .gauge(let gauge): sample(name, labels, "\(gauge.value)")
            case .measured(let measure): sample(name, labels, Self.number(measure()))
            case .histogram(let histogram): append(name, labels, histogram)
            }
        }
    }

    private mutating func append(_ name: String, _ labels: [MetricLabel], _ histogram: Histogram) {
        let (buckets, sum) = histogram.snapshot()
        var count: UInt64 = 0
        for (bucket, bound) in zip(buckets, Histogram.labels + ["+Inf"]) {
            count += bucket
            sample(name + "_bucket", labels + [MetricLabel("le", bound)], "\(count)")
        }
        sample(name + "_sum", labels, Self.seconds(microseconds: sum))
        sample(name + "_count", labels, "\(count)")
    }

    private mutating func sample(_ name: String, _ labels: [MetricLabel], _ value: String) {
        text(name)
        if !labels.isEmpty {
            text("{" + labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",") + "}")
        }
        text(" \(value)\n")
    }

    private mutating func text(_ string: String) {
        bytes.append(contentsOf: string.utf8)
    }

    /// Label values escape backslash, quote and line feed; help texts the first and the last only.
    static func escaped(_ string: String, quotes: Bool) -> String {
        var escaped = ""
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\n": escaped += "\\n"
            case "\"" where quotes: escaped += "\\\""
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }

    /// As Go's `ParseFloat` reads it, which knows `+Inf`, `-Inf` and `NaN`.
    static func number(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map(String.init) ?? "\(value)"
    }

    /// Exact, where a floating-point number would round a long sum.
    static func seconds(microseconds: UInt64) -> String {
        let fraction = String(microseconds % 1_000_000)
        return "\(microseconds / 1_000_000)." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    /// `[a-zA-Z_:][a-zA-Z0-9_:]*`
    static func isMetricName(_ name: String) -> Bool {
        name.utf8.allSatisfy { isNameByte($0) || $0 == UInt8(ascii: ":") } && startsAsName(name)
    }

    /// `[a-zA-Z_][a-zA-Z0-9_]*`, and neither `le` nor a name that begins with two underscores, which are Prometheus' own.
    static func isLabelName(_ name: String) -> Bool {
        name.utf8.allSatisfy(isNameByte) && startsAsName(name) && name != "le" && !name.hasPrefix("__")
    }

    private static func startsAsName(_ name: String) -> Bool {
        guard let first = name.utf8.first else { return false }
        return !first.isDigit
    }

    private static func isNameByte(_ byte: UInt8) -> Bool { byte.isAlphanumeric || byte == UInt8(ascii: "_") }
}
