internal import CNGHTTP2

/// The server's side of one HTTP/2 connection, by nghttp2: bytes in, events out; what is to be said, bytes out. It touches no socket and knows no time.
///
/// Soundness: an `nghttp2_session` belongs to one thread, and this class is no more `Sendable` than it. nghttp2 calls back only from within the calls made here,
/// with the unretained pointer it was given, while `self` is held by the caller; it is freed here.
@safe public final class HTTP2Session {
    /// What a client has done.
    public enum Event {
        /// A request. `isWhole`: it has no body.
        case head(Int32, FieldBlock, isWhole: Bool)
        case data(Int32, [UInt8])
        case trailers(Int32, FieldBlock)
        /// The request's end.
        case end(Int32)
        /// A response is out in whole, and its request isn't in. Whoever has enough of the rest resets the stream with `noError`.
        case answeredEarly(Int32)
        /// The stream is no more: it has run its course, or one of us has reset it.
        case closed(Int32)
    }

    public let limits: FrameLimits
    private var session: OpaquePointer?
    // An access to one of these two ends before any other begins: each is one read, write or append, which calls nothing of this class. Checked each time, they
    // would be a twentieth of a request.
    @exclusivity(unchecked) var events: [Event] = []
    /// The block that is being received.
    @exclusivity(unchecked) var block: FieldBlock?
    private var firstEvent = 0
    /// The stream it is of.
    var blockStream: Int32 = 0
    /// How much of a block that is too long has been dropped.
    var excess = 0
    /// Bodies on their way out.
    var bodies: [Int32: OutgoingData] = [:]
    /// Frames that cost the client less than us, and don't belong to a request's ordinary way: since the last ``takeNuisances()``.
    var nuisances = 0
    /// A DATA frame has begun and brought no bytes yet, but perhaps padding: counted as a nuisance until it does, or ends its request.
    var isDataEmpty = false
    /// Bytes of bodies that were framed, since the last look.
    public private(set) var sentBytes = 0

    public init(_ limits: FrameLimits) throws(FrameError) {
        self.limits = limits
        var option: OpaquePointer?
        guard unsafe nghttp2_option_new(&option) == 0 else { throw .library(Int32(NGHTTP2_ERR_NOMEM.rawValue)) }
        defer { unsafe nghttp2_option_del(option) }
        // Windows open as handlers read, which is the back-pressure.
        unsafe nghttp2_option_set_no_auto_window_update(option, 1)
        unsafe nghttp2_option_set_no_closed_streams(option, 1)
        unsafe nghttp2_option_set_max_continuations(option, limits.continuations)
        unsafe nghttp2_option_set_max_settings(option, limits.settings)
        unsafe nghttp2_option_set_max_outbound_ack(option, limits.waitingAnswers)
        unsafe nghttp2_option_set_stream_reset_rate_limit(option, limits.resets, limits.resetsEachSecond)
        let own = unsafe Unmanaged.passUnretained(self).toOpaque()
        var session: OpaquePointer?
        let code = unsafe nghttp2_session_server_new2(&session, Self.callbacks, own, option)
        guard code == 0 else { throw .library(code) }
        unsafe self.session = unsafe session
        try open()
    }

    deinit { unsafe nghttp2_session_del(session) }

    private func open() throws(FrameError) {
        let entries = [
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: UInt32(limits.concurrentStreams)),
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(limits.streamWindow)),
            // 32 bytes are counted for each field beside its own (RFC 9113 §6.5.2).
            nghttp2_settings_entry(
                settings_id: Int32(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE.rawValue), value: UInt32(limits.headBytes + 32 * limits.fields)),
            // Nothing of ours follows the priorities of RFC 7540, so no tree of them need be kept (RFC 9218 §2.1).
            nghttp2_settings_entry(settings_id: Int32(NGHTTP2_SETTINGS_NO_RFC7540_PRIORITIES.rawValue), value: 1),
        ]
        try check(unsafe nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), entries, entries.count))
        try check(unsafe nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, Int32(limits.connectionWindow)))
    }

    private func check(_ code: Int32) throws(FrameError) {
        if code != 0 { throw .library(code) }
    }

    // MARK: In

    /// Whether a header block has begun and not ended.
    public var isInBlock: Bool { unsafe block != nil }

    /// Reads all of `input`. What happens is told by ``nextEvent()``.
    /// - Throws: what ends the connection. ``farewell()`` says so to the client.
    public func receive(_ input: Span<UInt8>) throws(FrameError) {
        let count = unsafe input.withUnsafeBufferPointer { unsafe nghttp2_session_mem_recv(session, $0.baseAddress, $0.count) }
        if count >= 0 { return }
        switch nghttp2_error(Int32(count)) {
        case NGHTTP2_ERR_FLOODED, NGHTTP2_ERR_CALLBACK_FAILURE: throw .flooded
        case NGHTTP2_ERR_BAD_CLIENT_MAGIC: throw .malformed
        default: throw .library(Int32(count))
        }
    }

    /// The next of what has happened, in order; nil when there is no more. Sending makes things happen, too.
    public func nextEvent() -> Event? {
        guard unsafe firstEvent < events.count else {
            if firstEvent > 0 {
                unsafe events.removeAll(keepingCapacity: events.count <= 64)
                firstEvent = 0
            }
            return nil
        }
        defer { firstEvent += 1 }
        var event = Event.end(0)
        unsafe swap(&event, &events[firstEvent])
        return event
    }

    public func takeNuisances() -> Int {
        defer { nuisances = 0 }
        return nuisances
    }

    public func takeSentBytes() -> Int {
        defer { sentBytes = 0 }
        return sentBytes
    }

    /// Whether the client takes no more of this stream for now; of another it may wait for its turn among the streams.
    public func isShut(_ stream: Int32) -> Bool { unsafe nghttp2_session_get_stream_remote_window_size(session, stream) <= 0 }

    /// Lets the client send as much more, because somebody has read it.
    public func consume(_ count: Int, of stream: Int32) {
        if count > 0 { unsafe nghttp2_session_consume(session, stream, count) }
    }

    /// The same for what came on a stream that is no more, or is not read.
    public func drop(_ count: Int) {
        if count > 0 { unsafe nghttp2_session_consume_connection(session, count) }
    }

    // MARK: Out

    /// - Parameter body: nil where there is none.
    /// - Returns: false if there is nobody left to answer.
    public func respond(to stream: Int32, _ fields: FieldBlock, body: OutgoingData?) -> Bool {
        // nghttp2 takes a response to a stream that is no more, and drops it when its turn comes, without a word: its body would stay here.
        guard unsafe nghttp2_session_get_stream_remote_close(session, stream) >= 0 else { return false }
        var provider = unsafe nghttp2_data_provider()
        if let body {
            bodies[stream] = body
            // Found again by the stream's number, so no pointer has to be kept alive.
            unsafe provider.read_callback = { _, stream, buffer, capacity, flags, _, own in
                unsafe HTTP2Session.with(own) { unsafe $0.provide(stream, buffer!, capacity, flags!) }
            }
        }
        let (session, source, hasBody) = unsafe (session, provider, body != nil)
        let code = unsafe fields.withPairs { pairs, count in
            unsafe withUnsafePointer(to: source) { source in
                unsafe nghttp2_submit_response(session, stream, pairs, count, hasBody ? source : nil)
            }
        }
        if code != 0 { bodies[stream] = nil }
        return code == 0
    }

    /// A response that is none yet: 100.
    public func inform(_ stream: Int32, _ fields: FieldBlock) {
        unsafe fields.withPairs { pairs, count in
            _ = unsafe nghttp2_submit_headers(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, nil, pairs, count, nil)
        }
    }

    /// Something was written to the stream's body.
    public func resume(_ stream: Int32) {
        guard let body = bodies[stream], body.isDeferred else { return }
        body.isDeferred = false
        unsafe nghttp2_session_resume_data(session, stream)
    }

    public func reset(_ stream: Int32, _ code: StreamErrorCode) {
        unsafe nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream, code.rawValue)
    }

    /// No more streams after those that are on their way (RFC 9113 §6.8).
    public func announceEnd() {
        unsafe nghttp2_submit_shutdown_notice(session)
    }

    /// No more streams at all; those that are open run their course.
    public func refuseNew() {
        let last = unsafe nghttp2_session_get_last_proc_stream_id(session)
        unsafe nghttp2_submit_goaway(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), last, NGHTTP2_NO_ERROR.rawValue, nil, 0)
    }

    /// Ends everything: a GOAWAY, and nothing after it.
    public func terminate(_ code: StreamErrorCode) {
        unsafe nghttp2_session_terminate_session(session, code.rawValue)
    }

    /// A GOAWAY for a session that has failed and can say nothing itself any more.
    public func farewell(_ code: StreamErrorCode) -> [UInt8] {
        let last = UInt32(bitPattern: unsafe nghttp2_session_get_last_proc_stream_id(session))
        var frame: [UInt8] = [0, 0, 8, 7, 0, 0, 0, 0, 0]
        for value in [last, code.rawValue] { for shift in [24, 16, 8, 0] { frame.append(UInt8(truncatingIfNeeded: value >> UInt32(shift))) } }
        return frame
    }

    /// Appends frames that are to go out until `output` has `limit` bytes or there are no more.
    public func send(into output: inout [UInt8], upTo limit: Int) throws(FrameError) {
        while output.count < limit {
            var frame: UnsafePointer<UInt8>?
            let count = unsafe nghttp2_session_mem_send(session, &frame)
            if count < 0 { throw .library(Int32(count)) }
            guard count > 0, let frame = unsafe frame else { return }
            unsafe output.append(contentsOf: UnsafeBufferPointer(start: frame, count: count))
        }
    }

    /// Nothing is to be read any more and nothing to be said: the connection is over.
    public var isOver: Bool { unsafe nghttp2_session_want_read(session) == 0 && nghttp2_session_want_write(session) == 0 }

    public var wantsToSend: Bool { unsafe nghttp2_session_want_write(session) != 0 }

    /// nghttp2's contract: `buffer` has `capacity` bytes, `flags` is for us to set.
    private func provide(
        _ stream: Int32, _ buffer: UnsafeMutablePointer<UInt8>, _ capacity: Int, _ flags: UnsafeMutablePointer<UInt32>
    ) -> Int {
        guard let body = bodies[stream] else { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
        let count = unsafe body.take(into: buffer, capacity)
        sentBytes += count
        if body.count == 0, body.isFinished {
            unsafe flags.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
            if let trailers = body.trailers, trailers.count > 0 {
                unsafe flags.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
                unsafe trailers.withPairs { pairs, count in _ = unsafe nghttp2_submit_trailer(session, stream, pairs, count) }
            }
            return count
        }
        if count > 0 { return count }
        body.isDeferred = true
        return Int(NGHTTP2_ERR_DEFERRED.rawValue)
    }
}
