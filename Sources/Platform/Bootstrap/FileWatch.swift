internal import Synchronization
internal import Threads

/// Files that are read again and again. What has changed in them is taken into use, or refused with one word for the same contents, however often that is tried;
/// files that can't be read are refused once, too, until they are back.
public final class FileWatch<Contents: Equatable & Sendable>: Sendable {
    private struct Last {
        /// What was tried last, good or bad; nil while it can't be read.
        var tried: Contents?
        /// Whether it was refused. It may not be its own fault, where more is read to take it into use, so it is tried again.
        var isRefused = false
    }

    private let last: Mutex<Last>
    private let triesAgain: Bool

    /// - Parameters:
    ///   - first: what is in use; nil where the first look is to take what it finds.
    ///   - triesAgain: whether what was refused may be good later, though it is the same.
    public init(_ first: Contents?, triesAgain: Bool = true) {
        last = Mutex(Last(tried: first))
        self.triesAgain = triesAgain
    }

    /// Looks once.
    public func look(read: () throws -> Contents, take: (Contents) throws -> Void, refuse: (any Error) -> Void) {
        let before = last.withLock { $0 }
        do {
            let contents = try read()
            guard contents != before.tried || before.isRefused && triesAgain else { return }
            do {
                try take(contents)
                last.withLock { $0 = Last(tried: contents) }
            } catch {
                last.withLock { $0 = Last(tried: contents, isRefused: true) }
                if contents != before.tried { refuse(error) }
            }
        } catch {
            last.withLock { $0 = Last(tried: nil) }
            if before.tried != nil { refuse(error) }
        }
    }
}

extension BackgroundService {
    /// Calls `look` again and again until the task is cancelled, on the process's thread for files: a disk that hangs keeps nobody else.
    public func look(every pause: Duration, _ look: @escaping @Sendable () -> Void) async throws {
        let thread = try FileThread.shared.get()
        while !Task.isCancelled {
            // Ends early, by throwing, when the task is cancelled; then the loop ends too.
            try? await Task.sleep(for: pause)
            guard !Task.isCancelled else { return }
            await withCheckedContinuation { (looked: CheckedContinuation<Void, Never>) in
                thread.submit {
                    look()
                    looked.resume()
                }
            }
        }
    }
}

private enum FileThread {
    static let shared = Result { () throws(ThreadError) in try WorkerThread(name: "files") }
}
