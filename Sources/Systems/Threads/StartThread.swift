import CPosix
import Glibc

/// Starts a detached thread that runs `body` once.
///
/// The closure's box is passed to the new thread with one retain, which the thread takes over: `pthread_create` calls its
/// start routine exactly once, with the pointer it was given, and not at all when it fails.
func startThread(name: String, _ body: @escaping @Sendable () -> Void) throws(ThreadError) {
    var attributes = pthread_attr_t()
    unsafe pthread_attr_init(&attributes)
    defer { unsafe pthread_attr_destroy(&attributes) }
    unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let start = unsafe Unmanaged.passRetained(ThreadStart(name: String(name.utf8.prefix(15)) ?? "worker", body: body))
    var thread = pthread_t()
    let code = unsafe pthread_create(&thread, &attributes, threadMain, start.toOpaque())
    guard code == 0 else {
        unsafe start.release()
        throw .notStarted(code: code)
    }
}

private final class ThreadStart: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }
}

private func threadMain(_ argument: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    guard let argument = unsafe argument else { return nil }
    let start = unsafe Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue()
    _ = unsafe strongroom_set_thread_name(start.name)
    start.body()
    return nil
}
