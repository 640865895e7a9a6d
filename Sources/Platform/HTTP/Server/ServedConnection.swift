internal import Transport

/// A connection of a client, whichever version of HTTP it speaks.
protocol ServedConnection: OnLoop {
    /// Serves it to its end.
    func run() async
    /// The server is shutting down: what is idle goes at once, what is busy soon.
    func closeIfIdle()
    /// Closes at once, whatever is going on. To be called on the loop.
    nonisolated func close()
    /// Closes, and cancels what is being handled.
    nonisolated func abort()
}
