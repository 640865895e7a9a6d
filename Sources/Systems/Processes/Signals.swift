import CPosix
import Glibc
import Synchronization

/// What an operator or the system asks of the process.
public enum TerminationSignal: Int32, Sendable {
    case hangup = 1
    case interrupt = 2
    case terminate = 15
}

/// Signals. The handler does the one thing that is safe in it: a write to a pipe; a thread of its own reads the other end.
public enum Signals {
    /// The write end the handler uses; a handler can reach nothing but a global.
    private static let pipe = Atomic<Int32>(-1)

    /// From here on a write to a closed socket or pipe is an error and not the end of the process.
    public static func ignoreBrokenPipes() {
        _ = strongroom_ignore_signal(SIGPIPE)
    }

    /// A write beyond the file-size limit is an error (a full disk, rehearsed) and not the end of the process.
    public static func ignoreFileSizeLimit() {
        _ = strongroom_ignore_signal(SIGXFSZ)
    }

    /// Calls `body` on a thread of its own for every SIGTERM, SIGINT and SIGHUP; not for a SIGHUP that who started the process has it ignore
    /// (`nohup`). Call it once.
    public static func onTermination(_ body: @escaping @Sendable (TerminationSignal) -> Void) throws(SystemCallError) {
        var ends: [Int32] = [-1, -1]
        guard unsafe Glibc.pipe(&ends) == 0 else { throw SystemCallError("pipe") }
        for end in ends where fcntl(end, F_SETFD, FD_CLOEXEC) != 0 { throw SystemCallError("pipe") }
        pipe.store(ends[1], ordering: .releasing)
        let reader = ends[0]
        guard spawnReader(reader, body) else { throw SystemCallError("pthread_create") }
        for signal in [SIGTERM, SIGINT, SIGHUP] where signal != SIGHUP || strongroom_is_ignored(SIGHUP) == 0 {
            guard strongroom_on_signal(signal, handler) == 0 else { throw SystemCallError("sigaction") }
        }
    }

    private static let handler: @convention(c) (Int32) -> Void = { number in
        // POSIX: write is async-signal-safe, and errno must be what it was for the code that was interrupted.
        let saved = errno
        var byte = UInt8(truncatingIfNeeded: number)
        unsafe write(pipe.load(ordering: .acquiring), &byte, 1)
        errno = saved
    }

    private static func spawnReader(_ reader: Int32, _ body: @escaping @Sendable (TerminationSignal) -> Void) -> Bool {
        var thread = pthread_t()
        let box = unsafe Unmanaged.passRetained(SignalReader(descriptor: reader, body: body))
        let code = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<SignalReader>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        guard code == 0 else {
            unsafe box.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}

private final class SignalReader: Sendable {
    let descriptor: Int32
    let body: @Sendable (TerminationSignal) -> Void

    init(descriptor: Int32, body: @escaping @Sendable (TerminationSignal) -> Void) {
        self.descriptor = descriptor
        self.body = body
    }

    func run() {
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(descriptor, &byte, 1)
            if count < 0 && errno == EINTR { continue }
            guard count == 1 else { return }
            if let signal = TerminationSignal(rawValue: Int32(byte)) { body(signal) }
        }
    }
}
