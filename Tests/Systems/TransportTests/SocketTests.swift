import Glibc
import Testing
import Transport

@Suite struct SocketTests {
    @Test func `a port belongs to one listener, whose loops share it`() async throws {
        let loops = LoopGroup.start(count: 3)
        let accepted = AsyncStream.makeStream(of: Void.self)
        let listener = try await Listener(.loopback(port: 0), on: loops) { stream in
            stream.close()
            accepted.continuation.yield()
        }
        await #expect(throws: TransportError.addressInUse(listener.address)) {
            _ = try await Listener(listener.address, on: loops) { $0.close() }
        }
        for _ in 0..<30 { try await connectAndClose(listener.address, loops.loops[0]) }
        var count = 0
        for await _ in accepted.stream {
            count += 1
            if count == 30 { break }
        }
        listener.close()
        loops.stop()
        #expect(TransportError.addressInUse(listener.address).description.hasSuffix("is already in use by another process"))
    }

    private func connectAndClose(_ address: SocketAddress, _ loop: EventLoop) async throws {
        let task = Task(executorPreference: loop) { try await Self.connect(address, loop).close() }
        try await task.value
    }

    @concurrent private static func connect(_ address: SocketAddress, _ loop: EventLoop) async throws -> Transport.Stream {
        try await Transport.Stream.connect(to: address, on: loop)
    }

    @Test func `an address that is not ours can't be listened on`() async throws {
        let loops = LoopGroup.start(count: 1)
        let foreign = try #require(SocketAddress(host: "192.0.2.1", port: 0))
        await #expect(throws: TransportError.addressUnavailable(foreign)) { _ = try await Listener(foreign, on: loops) { $0.close() } }
        loops.stop()
    }

    @Test func `names resolve, numbers need no asking, and what has no address is an error`() async throws {
        let loop = EventLoop.start(name: "test")
        #expect(try await loop.resolve(host: "127.0.0.1", port: 80) == [SocketAddress(host: "127.0.0.1", port: 80)])
        #expect(try await loop.resolve(host: "localhost", port: 80).contains { ["127.0.0.1", "::1"].contains($0.host) })
        await #expect(throws: TransportError.unknownHost("nowhere.invalid")) { try await loop.resolve(host: "nowhere.invalid", port: 80) }
        loop.stop()
    }

    @Test(arguments: ["127.0.0.1", "0.0.0.0", "::1", "2001:db8::1", "fe80::1"]) func `addresses keep their text`(_ host: String) throws {
        let address = try #require(SocketAddress(host: host, port: 8080))
        #expect(address.host == host)
        #expect(address.addressBytes.count == (host.contains(":") ? 16 : 4))
        #expect(SocketAddress(host: "localhost", port: 1) == nil)
        #expect(SocketAddress(host: "127.1", port: 1) == nil)
    }

    @Test func `an IPv4 address in IPv6's clothes is the same address`() async throws {
        #expect(SocketAddress(host: "::ffff:192.0.2.7", port: 80) == SocketAddress(host: "192.0.2.7", port: 80))
        #expect(SocketAddress(host: "::ffff:7f00:1", port: 80) == .loopback(port: 80))
        // So a listener for both families has it from the kernel.
        let loops = LoopGroup.start(count: 1)
        let (peers, found) = AsyncStream.makeStream(of: SocketAddress.self)
        let both = try #require(SocketAddress(host: "::", port: 0))
        let listener = try await Listener(both, on: loops) { stream in
            found.yield(stream.peer)
            stream.close()
        }
        try await connectAndClose(.loopback(port: listener.address.port), loops.loops[0])
        #expect(await peers.first { _ in true }?.host == "127.0.0.1")
        listener.close()
        loops.stop()
    }

    @Test func `a watched descriptor wakes its task, once for each wait`() async throws {
        var descriptors: [Int32] = [0, 0]
        #expect(unsafe pipe(&descriptors) == 0)
        let (read, write) = (descriptors[0], descriptors[1])
        let loop = EventLoop.start(name: "test")
        let task = Task(executorPreference: loop) { await Self.watch(read, loop) }
        for _ in 0..<3 {
            _ = unsafe Glibc.write(write, "x", 1)
            try await loop.sleep(milliseconds: 20)
        }
        loop.stop()
        #expect(await task.value == 3)
        _ = close(read)
        _ = close(write)
    }

    /// Counts wake-ups until the loop ends.
    @concurrent private static func watch(_ descriptor: Int32, _ loop: EventLoop) async -> Int {
        guard let watch = try? DescriptorWatch(descriptor, on: loop) else { return -1 }  // the count says it
        var count = 0
        while await watch.readable() {
            var byte: UInt8 = 0
            _ = unsafe Glibc.read(descriptor, &byte, 1)
            count += 1
        }
        return count
    }
}
