import Files
import Processes
import Synchronization

/// The log of a cluster on one machine: a file, and the one before it, each of at most 64 MiB.
final class LogFile: Sendable {
    static let limit = 64 << 20

    private struct State {
        var file: AppendFile
        var size: Int
    }
    private let state: Mutex<State>
    let path: String

    init(_ path: String) throws(FileError) {
        self.path = path
        let file = try AppendFile(path)
        state = Mutex(State(file: file, size: try File.size(path)))
    }

    /// A log that can't be written is told once on standard error per batch, and never stops the cluster.
    func write(_ lines: [UInt8]) {
        state.withLock { state in
            do throws(FileError) {
                if state.size > Self.limit {
                    try File.rename(path, to: "\(path).1")
                    state = State(file: try AppendFile(path), size: 0)
                }
                try state.file.write(lines)
                state.size += lines.count
            } catch {
                StandardStream.error.write("strongroom: the log cannot be written: \(error)\n")
            }
        }
    }
}
