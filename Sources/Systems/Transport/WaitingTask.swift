/// The task that waits on a stream, to be asked whether it has been cancelled.
///
/// Soundness: it is kept only while the task is suspended in the wait that recorded it, so the task has not ended; asking is allowed from anywhere. An
/// `UnsafeCurrentTask` is one reference, which the first use checks; kept as it is, each copy would go through its type's metadata, at a hundred
/// instructions a time.
@safe struct WaitingTask {
    private let reference: UInt

    /// The task that calls.
    static var current: WaitingTask? {
        unsafe withUnsafeCurrentTask { task in
            guard let task = unsafe task else { return nil }
            return unsafe WaitingTask(reference: unsafeBitCast(task, to: UInt.self))
        }
    }

    var isCancelled: Bool { unsafe unsafeBitCast(reference, to: UnsafeCurrentTask.self).isCancelled }
}
