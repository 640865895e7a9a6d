import Bootstrap

/// A subcommand: what it is called, what it reads, what it does.
protocol Command: Sendable {
    /// What is typed after `strongroom`.
    static var words: [String] { get }
    /// One line for the overview.
    static var summary: String { get }

    /// Whether it serves requests until it is stopped.
    static var isServer: Bool { get }

    /// Reads every setting; a describing reader gathers them for `--help`.
    init(reading reader: inout ConfigurationReader) throws(ConfigurationError)

    /// Throws an error whose description is one sentence for the operator.
    func run() async throws
}

extension Command {
    static var isServer: Bool { false }
}
