/// Why a thread could not be started.
public enum ThreadError: Error, Equatable {
    /// The system refused another thread; carries `pthread_create`'s error number.
    case notStarted(code: Int32)
}
