import Bootstrap

/// What `help` and `--help` print.
enum Help {
    static var overview: String {
        let rows =
            Strongroom.commands.map(row) + [
                ("help", "This overview; strongroom SUBCOMMAND --help lists its options."), ("--version", "The version."),
            ]
        return """
            strongroom: a self-hosted cluster for secure notes

            usage: strongroom SUBCOMMAND [--key value ...]

            \(table(rows))

            An option --some-key may also be given as the environment variable STRONGROOM_SOME_KEY.

            """
    }

    /// Of subcommands whose names begin alike.
    static func of(_ commands: [any Command.Type]) -> String {
        commands.count == 1 ? of(commands[0]) : table(commands.map(row)) + "\n"
    }

    private static func row(_ command: any Command.Type) -> (String, String) { (command.words.joined(separator: " "), command.summary) }

    private static func table(_ rows: [(String, String)]) -> String {
        let width = rows.map(\.0.count).max() ?? 0
        return rows.map { "  \(padded($0, to: width))  \($1)" }.joined(separator: "\n")
    }

    /// The names of all settings there are.
    static var settings: Set<String> { Set(Strongroom.commands.flatMap { keys(of: $0) }.map(\.name)) }

    private static func keys(of command: any Command.Type) -> [ConfigurationReader.Key] {
        var reader = ConfigurationReader.describing
        // A describing reader refuses nothing; what it has gathered is what counts.
        _ = try? command.init(reading: &reader)
        return reader.keys
    }

    private static func of(_ command: any Command.Type) -> String {
        let keys = keys(of: command)
        let width = keys.map(\.name.count).max() ?? 0
        let lines = keys.map { key in
            "  --\(padded(key.name, to: width))  \(key.help)" + (key.standard.map { " (default: \($0))" } ?? "")
        }
        let name = command.words.joined(separator: " ")
        return "strongroom \(name): \(command.summary)\n\nusage: strongroom \(name) [--key value ...]\n\n\(lines.joined(separator: "\n"))\n"
    }

    private static func padded(_ text: String, to width: Int) -> String {
        text + String(repeating: " ", count: max(0, width - text.count))
    }
}
