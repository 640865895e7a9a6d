internal import HTTP2Frames
internal import Transport

/// Sending. Whatever is to be said in one turn of the loop, by whichever exchange, leaves in one write.
extension HTTP2Connection {
    /// What is framed before the socket is tried.
    private static let flight = 64 * 1024
    /// What an idle connection may keep of it.
    private static let keptCapacity = 16 * 1024
    /// What costs no more than its connection does, so that most answers count nowhere.
    private static let negligible = 4 * 1024

    func requestFlush() {
        if isBlocked { return noteStanding() }
        guard !isFlushDue else { return }
        isFlushDue = true
        loop.atEndOfTurn { self.assumeIsolated { $0.flush() } }
    }

    func flush() {
        isFlushDue = false
        guard !isBlocked, !stream.isClosed, !isEnding else { return }
        do {
            while true {
                output.removeAll(keepingCapacity: true)
                try session.send(into: &output, upTo: Self.flight)
                if output.isEmpty { break }
                let sent = try stream.writeNow(output)
                if sent < output.count {
                    isBlocked = true
                    loop.spawn(name: "http/2 output") { [self] in await sendRest(from: sent) }
                    break
                }
            }
        } catch {
            // The peer has gone; the reader learns of it by this.
            return stream.close()
        }
        if !isBlocked, output.capacity > Self.keptCapacity { output = [] }
        handleEvents()
        wakeWriters()
        if !isBlocked, session.isOver { beginEnd() }
        noteStanding()
    }

    /// Tells the group what the client has asked for and not taken, of all its streams together: what was framed and waits for the socket, and what waits for windows.
    func noteStanding() {
        let bytes = outgoing.bytes + (isBlocked ? output.count : 0)
        let counted = bytes > Self.negligible ? bytes : 0
        guard counted != standing, !stream.isClosed else { return }
        standing = counted
        if counted > 0 { group.stands(counted, on: self) } else { group.ended(on: self) }
    }

    /// The socket takes no more for now: nothing is framed until it does, so that what waits is one flight at most.
    private func sendRest(from sent: Int) async {
        stream.deadline = loop.now + configuration.writeMilliseconds
        do throws(TransportError) {
            try await stream.write(output, from: sent)
        } catch {
            return stream.close()
        }
        isBlocked = false
        stream.deadline = exchanges.isEmpty ? loop.now + configuration.idleMilliseconds : 0
        flush()
    }
}
