import Audit
import Authorizer
import Bootstrap
import Gateway
import Identity
import Notes
import Processes

/// The one executable: a subcommand for each service, one for a whole cluster on this machine, and operators' tools.
@main
struct Strongroom {
    static let version = "0.1.0"

    static let commands: [any Command.Type] = [
        ServiceCommand<GatewayService>.self,
        ServiceCommand<IdentityService>.self,
        ServiceCommand<AuthorizerService>.self,
        ServiceCommand<NotesService>.self,
        ServiceCommand<AuditService>.self,
        DevCommand.self,
        BrokerCommand.self,
        InitCommand.self,
        KeysInitCommand.self,
        KeysRotateCommand.self,
        KeysRetireCommand.self,
        RootKeyCommand.self,
        AuthorityCommand.self,
        InternalTLSCommand.self,
        HealthCommand.self,
        BackupCommand.self,
        VerifyCommand.self,
        RestoreCommand.self,
        ExportCommand.self,
    ]

    static func main() async {
        StandardStream.openMissing()
        // A tool, too, tells in a sentence that the disk, or a reader, takes no more.
        Signals.ignoreFileSizeLimit()
        Signals.ignoreBrokenPipes()
        let code = await run(Array(CommandLine.arguments.dropFirst()), environment: Environment.variables())
        CurrentProcess.exit(code)
    }

    /// - Returns: the exit code: 0 done, 1 failed, 2 not understood.
    static func run(_ arguments: [String], environment: [String: String]) async -> Int32 {
        switch arguments.first {
        case nil:
            StandardStream.output.write(Help.overview)
            return 2
        case "help", "--help", "-h": return help(on: arguments.dropFirst())
        case "--version", "version":
            guard arguments.count == 1 else { return complain("\(arguments[0]) takes nothing after it", code: 2) }
            StandardStream.output.write("strongroom \(version)\n")
            return 0
        default: break
        }
        guard let command = commands.first(where: { arguments.starts(with: $0.words) }) else {
            let words = arguments.prefix { !$0.hasPrefix("-") }
            guard !words.isEmpty else { return complain("'\(arguments[0])' is no subcommand; see strongroom help", code: 2) }
            let asksForHelp = arguments[words.endIndex...].contains { ["--help", "-h"].contains($0) }
            let code = help(on: words)
            return asksForHelp ? code : 2
        }
        let rest = arguments.dropFirst(command.words.count)
        if rest.contains("--help") || rest.contains("-h") {
            StandardStream.output.write(Help.of([command]))
            return 0
        }
        if command.isServer { CurrentProcess.startAgain(with: heap.variable, heap.value) }
        do {
            var reader = try ConfigurationReader(arguments: rest, environment: environment)
            let command = try command.init(reading: &reader)
            try reader.finish()
            for name in reader.strayVariables(beside: Help.settings) {
                StandardStream.error.write("strongroom: \(name) is no setting of any subcommand and does nothing; see strongroom help\n")
            }
            try await command.run()
            return 0
        } catch let error as ConfigurationError {
            return complain("\(error); see strongroom \(command.words.joined(separator: " ")) --help", code: 2)
        } catch {
            return complain("\(error)", code: 1)
        }
    }

    /// On a subcommand, or on all that begin with these words.
    private static func help(on words: some Collection<String>) -> Int32 {
        let found = commands.filter { $0.words.starts(with: words) }
        guard !found.isEmpty else { return complain("'\(words.joined(separator: " "))' is no subcommand; see strongroom help", code: 2) }
        StandardStream.output.write(words.isEmpty ? Help.overview : Help.of(found))
        return 0
    }

    /// What glibc's heap keeps at hand for each thread. By itself it keeps seven freed blocks of each size, up to 1 KiB: with hundreds of requests under way nearly
    /// every block would be joined with its neighbours when it is freed, and cut off again when it is needed, a twelfth of a busy gateway's instructions. At worst it costs 7 MB a
    /// thread (ops/decisions/a-server-starts-twice.md).
    private static let heap = (variable: "GLIBC_TUNABLES", value: "glibc.malloc.tcache_count=200")

    private static func complain(_ sentence: String, code: Int32) -> Int32 {
        StandardStream.error.write("strongroom: \(sentence)\n")
        return code
    }
}
