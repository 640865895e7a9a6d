import Foundation

/// A program that is not ours, run to its end.
///
/// It is waited for on a thread of its own. Tests run on as many threads as there are cores, and two that waited there for a JVM to start kept every other
/// test from what it had meant to see in time.
public struct ForeignProgram: Sendable {
    public let status: Int32
    public let output: [UInt8]
    public let errors: String

    public var text: String { String(decoding: output, as: UTF8.self) }

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
                answer.resume(with: Result { try wait(path, arguments, input, environment, seconds) })
            }
        }
    }

    private static func wait(
        _ path: String, _ arguments: [String], _ input: [UInt8], _ environment: [String: String], _ seconds: Int
    ) throws -> ForeignProgram {
        let folder = FileManager.default.temporaryDirectory.appending(path: "program-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }  // a temporary folder left over harms nobody
        // Files and not pipes, which end only when nobody holds them: what a program starts and leaves behind does.
        let streams = ["input", "output", "errors"].map { folder.appending(path: $0) }
        for stream in streams { try Data(stream == streams[0] ? input : []).write(to: stream) }
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/timeout")
        // Foundation, too, waits until nobody holds the socket that its children inherit.
        let closing = #"for fd in /proc/$$/fd/*; do fd=${fd##*/}; [ "$fd" -gt 2 ] && eval "exec $fd>&-"; done; exec "$0" "$@""#
        process.arguments = ["--kill-after=5", "\(seconds)", "/bin/bash", "-c", closing, path] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.standardInput = try FileHandle(forReadingFrom: streams[0])
        process.standardOutput = try FileHandle(forWritingTo: streams[1])
        process.standardError = try FileHandle(forWritingTo: streams[2])
        try process.run()
        process.waitUntilExit()
        return ForeignProgram(
            status: process.terminationStatus, output: Array(try Data(contentsOf: streams[1])),
            errors: String(decoding: try Data(contentsOf: streams[2]), as: UTF8.self))
    }
}
