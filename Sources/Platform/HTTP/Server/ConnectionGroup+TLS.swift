internal import HTTP2Frames
internal import Transport

/// Connections that begin with a handshake.
extension ConnectionGroup {
    nonisolated func acceptEncrypted(_ stream: Stream, _ tls: TLSServerContext) {
        let task = loop.spawn(name: "https connection") { [self] in await serve(stream, tls) }
        stream.onEvent = { [cancels = configuration.cancelsWhenHalfClosed] event in
            if event != .halfClosed || cancels { task.cancel() }
        }
    }

    private func serve(_ stream: Stream, _ tls: TLSServerContext) async {
        guard hasRoom else { return stream.close() }
        makeRoomForHandshake()
        guard await shakeHands(stream, tls) else { return stream.close() }
        guard stream.applicationProtocol == HTTPProtocols.http2 else { return await serve(ServerConnection(stream: stream, group: self)) }
        do throws(FrameError) {
            await serve(try HTTP2Connection(stream: stream, group: self))
        } catch {
            // No memory for it.
            stream.close()
        }
    }

    private func shakeHands(_ stream: Stream, _ tls: TLSServerContext) async -> Bool {
        let key = ObjectIdentifier(stream)
        handshaking[key] = stream
        defer { handshaking[key] = nil }
        stream.deadline = loop.now + configuration.handshakeMilliseconds
        do throws(TransportError) {
            try await stream.secure(with: tls)
            return true
        } catch {
            // A stranger who speaks no TLS, or none of ours: counted by the context, and nobody to tell.
            return false
        }
    }
}
