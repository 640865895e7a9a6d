internal import Synchronization
internal import Threads

/// Files that are read again and again. What has changed in them is taken into use or refused, each contents once; files that can't be read are refused once, too,
/// until they are back.
public final class FileWatch<Contents: Equatable & Sendable>: Sendable {
    /// What was tried last, good or bad; nil while it can't be read.
    private let tried: Mutex<Contents?>

    /// - Parameter first: what is in use; nil where the first look is to take what it finds.
    public init(_ first: Contents?) {
        tried = Mutex(first)
    }

    /// Looks once.
    public func look(read: () throws -> Contents, take: (Contents) throws -> Void, refuse: (any Error) -> Void) {
        do {
            let contents = try read()
            let isNew = tried.withLock { tried in
                defer { tried = contents }
                return tried != contents
            }
            guard isNew else { return }
            do { try take(contents) } catch { refuse(error) }
        } catch {
            if tried.withLock({ $0.take() }) != nil { refuse(error) }
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
