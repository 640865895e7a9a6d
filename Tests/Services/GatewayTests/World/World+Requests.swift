import Encodings
import HTTP
import JSON
import Transport

extension World {
    struct Answer: Sendable {
        let status: Int
        /// Names in lower case.
        let headers: [String: String]
        let body: String

        /// Reads the bytes of one response as they came.
        init?(_ text: String) {
            guard let end = text.range(of: "\r\n\r\n") else { return nil }
            let lines = text[..<end.lowerBound].split(separator: "\r\n")
            guard let first = lines.first, let status = Int(first.split(separator: " ")[1]) else { return nil }
            self.status = status
            var headers: [String: String] = [:]
            for line in lines.dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                headers[parts[0].lowercased()] = String(parts[1]).trimmed
            }
            self.headers = headers
            body = String(text[end.upperBound...])
        }
    }

    /// Sends a request on a connection of its own, as the given bytes, and reads until the gateway closes it.
    func raw(_ text: String) async throws -> Answer? { try await raw(bytes: Array(text.utf8)) }

    func raw(bytes: [UInt8]) async throws -> Answer? {
        Answer(try await RawConnection.exchange(bytes, port: port, on: loops.loops[0]))
    }

    /// `GET target` and the given header lines; the connection ends with it.
    func get(_ target: String, _ lines: String..., method: String = "GET", body: String = "") async throws -> Answer {
        var text = "\(method) \(target) HTTP/1.1\r\nHost: strongroom.test\r\nConnection: close\r\n"
        for line in lines { text += "\(line)\r\n" }
        if !body.isEmpty { text += "Content-Length: \(body.utf8.count)\r\n" }
        text += "\r\n\(body)"
        guard let answer = try await raw(text) else { throw NoAnswer() }
        return answer
    }

    struct NoAnswer: Error {}
}

extension String {
    var trimmed: String { String(drop { $0 == " " }) }
}

/// A connection that knows nothing of HTTP.
enum RawConnection {
    static func exchange(_ bytes: [UInt8], port: UInt16, on loop: EventLoop) async throws -> String {
        try await Task(executorPreference: loop) { try await run(bytes, port, loop) }.value
    }

    @concurrent
    private static func run(_ bytes: [UInt8], _ port: UInt16, _ loop: EventLoop) async throws -> String {
        let stream = try await Stream.connect(to: .loopback(port: port), on: loop)
        defer { stream.close() }
        stream.deadline = loop.now + 15_000
        try await stream.write(bytes)
        var text: [UInt8] = []
        func take() {
            stream.withUnread { span in for index in span.indices { text.append(span[index]) } }
            stream.consume(stream.unreadCount)
        }
        while true {
            take()
            do { guard try await stream.fill() else { break } } catch { break }
        }
        take()
        return String(decoding: text, as: UTF8.self)
    }
}
