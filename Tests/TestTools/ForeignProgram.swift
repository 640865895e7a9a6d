import Foundation
import Glibc

/// A program that is not ours, run to its end.
///
/// It is waited for on a thread of its own. Tests run on as many threads as there are cores, and two that waited there for a JVM to start kept every other
/// test from what it had meant to see in time. By `posix_spawn`, since Foundation's `Process` reads beyond a buffer where many files are open, and waits until
/// nobody holds what its children inherit.
public struct ForeignProgram: Sendable {
    public let status: Int32
    public let output: [UInt8]
    public let errors: String

    public var text: String { String(decoding: output, as: UTF8.self) }

    public struct NotStarted: Error {
        public let path: String
        public let code: Int32
    }

    /// - Parameters:
    ///   - path: Where the program is.
    ///   - environment: Added to this process's.
    ///   - seconds: After which it is ended, with a status of 124.
    /// - Throws: What kept it from being started.
    public static func run(
        _ path: String, _ arguments: [String], input: [UInt8] = [], environment: [String: String] = [:], seconds: Int = 120
    ) async throws -> ForeignProgram {
        try await withCheckedThrowingContinuation { answer in
            Thread.detachNewThread {
                answer.resume(with: Result { try wait(["/usr/bin/timeout", "--kill-after=5", "\(seconds)", path] + arguments, input, environment) })
            }
        }
    }

    private static func wait(_ command: [String], _ input: [UInt8], _ environment: [String: String]) throws -> ForeignProgram {
        let folder = FileManager.default.temporaryDirectory.appending(path: "program-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a temporary folder left over harms nobody
        // Files and not pipes, which end only when nobody holds them: what a program starts and leaves behind does.
        let streams = ["input", "output", "errors"].map { folder.appending(path: $0) }
        for stream in streams { try Data(stream == streams[0] ? input : []).write(to: stream) }
        let variables = ProcessInfo.processInfo.environment.merging(environment) { $1 }.map { "\($0)=\($1)" }
        // Of other descriptors it has none: a port or a lock of another test's would stay taken.
        let closing = #"for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done; exec "$0" "$@""#
        let status = try spawn(["/bin/bash", "-c", closing] + command, variables, streams.map { $0.path() })
        return ForeignProgram(
            status: status, output: Array(try Data(contentsOf: streams[1])), errors: String(decoding: try Data(contentsOf: streams[2]), as: UTF8.self)
        )
    }

    /// - Returns: the exit status; 128 and more where a signal ended it.
    private static func spawn(_ command: [String], _ variables: [String], _ streams: [String]) throws -> Int32 {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (number, stream) in streams.enumerated() {
            unsafe posix_spawn_file_actions_addopen(&actions, Int32(number), stream, number == 0 ? O_RDONLY : O_WRONLY, 0)
        }
        var (arguments, environment) = unsafe (command.map { unsafe strdup($0) } + [nil], variables.map { unsafe strdup($0) } + [nil])
        defer { unsafe (arguments + environment).forEach { unsafe free($0) } }
        var child: pid_t = 0
        let code = unsafe posix_spawn(&child, command[0], &actions, nil, &arguments, &environment)
        guard code == 0 else { throw NotStarted(path: command[0], code: code) }
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 { guard errno == EINTR else { throw NotStarted(path: command[0], code: errno) } }
        // As the macros of wait(2) have it, which Swift does not see.
        return status & 0x7f == 0 ? status >> 8 & 0xff : 128 + status & 0x7f
    }
}
