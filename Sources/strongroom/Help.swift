import Bootstrap

/// What `help` and `--help` print.
enum Help {
    static var overview: String {
        let width = Strongroom.commands.map { $0.words.joined(separator: " ").count }.max() ?? 0
        let lines = Strongroom.commands.map { "  \(padded($0.words.joined(separator: " "), to: width))  \($0.summary)" }
        return """
            strongroom: a self-hosted cluster for secure notes

            usage: strongroom SUBCOMMAND [--key value ...]

            \(lines.joined(separator: "\n"))
              \(padded("help", to: width))  This overview; strongroom SUBCOMMAND --help lists its options.
              \(padded("--version", to: width))  The version.

            An option --some-key may also be given as the environment variable STRONGROOM_SOME_KEY.

            """
    }

    static func of(_ command: any Command.Type) -> String {
        var reader = ConfigurationReader.describing
        // A describing reader refuses nothing; what it has gathered is what counts.
        _ = try? command.init(reading: &reader)
        let width = reader.keys.map(\.name.count).max() ?? 0
        let lines = reader.keys.map { key in
            "  --\(padded(key.name, to: width))  \(key.help)" + (key.standard.map { " (default: \($0))" } ?? "")
        }
        let name = command.words.joined(separator: " ")
        return "strongroom \(name): \(command.summary)\n\nusage: strongroom \(name) [--key value ...]\n\n\(lines.joined(separator: "\n"))\n"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
