internal import CUV

/// The task that waits on a stream, to be asked whether it has been cancelled.
///
/// Soundness: it is kept only while the task is suspended in the wait that recorded it, so the task has not ended; asking is allowed from anywhere. An
/// `UnsafeCurrentTask` is one reference, the task's, which the first use checks; `withUnsafeCurrentTask` would copy it by its type's metadata, at three
/// hundred instructions a time.
@safe struct WaitingTask {
    private let reference: UnsafeRawPointer

    /// The task that calls.
    static var current: WaitingTask? {
        guard let task = unsafe current_task() else { return nil }
        return unsafe WaitingTask(reference: UnsafeRawPointer(task))
    }

    var isCancelled: Bool { unsafe unsafeBitCast(reference, to: UnsafeCurrentTask.self).isCancelled }
}
