internal import Transport

/// A request and its response's head.
extension ConnectionPool {
    /// A body this long is waited for with the head, so that the connection is free again at once.
    private static let shortBody = 8192

    func send(_ request: ClientRequest, to endpoint: Endpoint) async throws(ClientError) -> ClientResponse {
        guard request.hasValidTarget else { throw .target }
        let lane = lane(endpoint)
        let deadline = loop.now + request.timeoutMilliseconds
        var mayReuse = true
        while true {
            if Task.isCancelled { throw .cancelled }
            let idle = mayReuse ? takeIdle(lane) : nil
            let connection: ClientConnection
            if let idle {
                connection = idle
            } else {
                do throws(ClientError) { connection = try await takeNew(lane, endpoint, deadline: deadline) } catch {
                    // Where it was sent already, nobody knows what was done.
                    throw mayReuse || error == .cancelled ? error : .closed
                }
            }
            let isReused = connection.isReused
            connection.begin(request, exchange: nextExchange(), deadline: deadline)
            do throws(ClientError) {
                // What an ordinary request waits for is here, not in a function of its own: each return from one costs.
                var wasSent = true
                if try !sendAtOnce(request, on: connection) { wasSent = try await sendSlowly(request, on: connection) }
                var interim = 0
                while true {
                    if let head = try connection.readHead(configuration.head) {
                        guard head.status.isInformational else {
                            connection.persists = head.keepsAlive && wasSent
                            let here = bodyAtOnce(of: head, on: connection)
                            let body = if let here { here } else { try await shortBody(of: head, on: connection) }
                            return ClientResponse(head: head, body: body, wasSentTwice: !mayReuse)
                        }
                        // RFC 9110 §15.2: interim responses may come unasked, but an upgrade may not.
                        interim += 1
                        guard head.status.rawValue != 101, interim < 8 else { throw .malformed(.unexpectedInformational) }
                        continue
                    }
                    do throws(TransportError) {
                        guard try await connection.stream.fill() else { throw .reset }
                        connection.sawNothing = false
                    } catch {
                        throw ClientError(error)
                    }
                }
            } catch {
                let sawNothing = connection.sawNothing
                release(connection, reusable: false)
                // The server closed an idle connection just as we took it, and nothing of a response has come: once more, and on a new one, since it may be the
                // request that it closes on (RFC 9110 §9.2.2).
                guard error == .closed, isReused, sawNothing, request.isRepeatable else { throw error }
                mayReuse = false
            }
        }
    }

    /// - Returns: nil if the body is short, but not all there.
    private func bodyAtOnce(of head: ResponseHead, on connection: ClientConnection) -> ResponseBody? {
        switch head.framing {
        case .none:
            release(connection, reusable: connection.persists)
            if connection.method == .head, let length = head.contentLength { return ResponseBody(.absent(length: length)) }
            return ResponseBody(.empty)
        case .length(let count) where count <= Self.shortBody:
            guard connection.stream.unreadCount >= count else { return nil }
            let bytes = connection.take(count)
            release(connection, reusable: connection.persists)
            return ResponseBody(.bytes(bytes))
        case .length(let count): return lease(head, connection, length: count)
        case .chunked, .untilClose: return lease(head, connection, length: nil)
        }
    }

    @inline(never)
    private func shortBody(of head: ResponseHead, on connection: ClientConnection) async throws(ClientError) -> ResponseBody {
        while true {
            do throws(TransportError) {
                guard try await connection.stream.fill() else { throw .reset }
            } catch {
                throw ClientError(error)
            }
            if let body = bodyAtOnce(of: head, on: connection) { return body }
        }
    }

    private func lease(_ head: ResponseHead, _ connection: ClientConnection, length: Int?) -> ResponseBody {
        connection.decoder = BodyDecoder(head.framing, limits: configuration.head)
        streaming[connection.exchange] = connection
        connection.standingSince = loop.now
        return ResponseBody(.connection(BodyLease(self, exchange: connection.exchange), length: length))
    }
}
