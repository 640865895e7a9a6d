import CPosix
import Glibc

/// This process.
public enum CurrentProcess {
    public static var id: Int32 { getpid() }

    /// The number of the user whose rights it has.
    public static var user: UInt32 { geteuid() }

    /// Bytes in a page of its memory.
    public static var pageSize: Int { Int(getpagesize()) }

    /// Ends the process at once with `code`, after the C library's exit handlers.
    public static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    /// Starts the program again from its beginning, in this same process, with one more variable in its environment: for what is read from there before any
    /// of our code runs. Returns where the variable is set already, by us or by whoever started the program; where the program can't be found again by the
    /// name it was started by, as under a loader or an emulator; and where it has more rights than who started it, since the variable may not reach it then.
    ///
    /// To be called before there is anything that would be lost, or another thread.
    public static func startAgain(with variable: String, _ value: String) {
        guard unsafe getenv(variable) == nil, getauxval(UInt(AT_SECURE)) == 0 else { return }
        var program = [CChar](repeating: 0, count: Int(PATH_MAX))
        let length = unsafe readlink("/proc/self/exe", &program, program.count - 1)
        guard length > 0, let name = CommandLine.arguments.first else { return }
        let path = String(decoding: program.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        guard path.split(separator: "/").last == name.split(separator: "/").last, unsafe setenv(variable, value, 0) == 0 else { return }
        // The arguments are the program's own, which nobody changes; it comes back only if there is no such program.
        unsafe execv(program, CommandLine.unsafeArgv)
        unsafe unsetenv(variable)
    }

    /// Ends the process as a power cut would: no handler, no flush, no unwinding.
    public static func kill() -> Never {
        while true { Glibc.kill(getpid(), SIGKILL) }
    }
}
