internal import CNGHTTP2

/// What nghttp2 calls. Soundness: it hands back the pointer the session was made with, and every frame, name and value lives as long as the call.
extension HTTP2Session {
    /// Lends the session, without a reference of its own: a request takes a dozen of these calls.
    static func with<Result>(_ own: UnsafeMutableRawPointer?, _ body: (HTTP2Session) -> Result) -> Result {
        unsafe Unmanaged<HTTP2Session>.fromOpaque(own!)._withUnsafeGuaranteedRef(body)
    }

    /// Made once and never changed; nghttp2 copies them into each session.
    nonisolated(unsafe) static let callbacks: OpaquePointer? = {
        var callbacks: OpaquePointer?
        guard unsafe nghttp2_session_callbacks_new(&callbacks) == 0 else { return nil }
        unsafe nghttp2_session_callbacks_set_on_begin_frame_callback(callbacks) { _, header, own in
            unsafe with(own) { unsafe $0.noteBegin(header!.pointee.type) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, own in
            unsafe with(own) { unsafe $0.beginBlock(of: frame!.pointee.hd.stream_id) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_header_callback(callbacks) { _, _, name, nameCount, value, valueCount, _, own in
            let name = unsafe UnsafeBufferPointer(start: name, count: nameCount)
            let value = unsafe UnsafeBufferPointer(start: value, count: valueCount)
            return unsafe with(own) { unsafe $0.add(name, value) }
        }
        unsafe nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, own in
            unsafe with(own) { unsafe $0.didReceive(frame!) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) { _, _, stream, bytes, count, own in
            let piece = unsafe Array(UnsafeBufferPointer(start: bytes, count: count))
            unsafe with(own) { $0.didReceive(piece, on: stream) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, stream, _, own in
            unsafe with(own) { $0.didClose(stream) }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_invalid_frame_recv_callback(callbacks) { _, _, _, own in
            unsafe with(own) { session in
                unsafe session.block = nil
                session.nuisances += 1
            }
            return 0
        }
        unsafe nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { session, frame, own in
            unsafe with(own) { unsafe $0.didSend(frame!, session) }
            return 0
        }
        return unsafe callbacks
    }()

    private func beginBlock(of stream: Int32) {
        blockStream = stream
        var fresh = FieldBlock()
        fresh.reserve(bytes: 512, fields: 16)
        unsafe block = fresh
        excess = 0
    }

    /// A field beyond the limits is not kept, but still read, because it may change the table that later blocks speak of. Four times the limit is no mistake.
    private func add(_ name: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>) -> Int32 {
        let size = name.count + value.count
        let isTooMuch = unsafe block.map { $0.count >= limits.fields || $0.bytes.count + size > limits.headBytes } ?? true
        if isTooMuch {
            unsafe block?.isCut = true
            excess += size + 32
            return excess > 3 * (limits.headBytes + 32 * limits.fields) ? NGHTTP2_ERR_CALLBACK_FAILURE.rawValue : 0
        }
        unsafe block?.append(name, value)
        return 0
    }

    private func didReceive(_ frame: UnsafePointer<nghttp2_frame>) {
        let header = unsafe frame.pointee.hd
        let isLast = UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue:
            guard let received = unsafe block else { return }
            unsafe block = nil
            if unsafe frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST {
                unsafe events.append(.head(header.stream_id, received, isWhole: isLast))
            } else {
                unsafe events.append(.trailers(header.stream_id, received))
                if isLast { unsafe events.append(.end(header.stream_id)) }
            }
        case NGHTTP2_DATA.rawValue:
            guard isLast else { return }
            forgiveEmptyData()
            unsafe events.append(.end(header.stream_id))
        default: break
        }
    }

    /// Frames of all kinds, those among them that nghttp2 passes over.
    private func noteBegin(_ type: UInt8) {
        isDataEmpty = UInt32(type) == NGHTTP2_DATA.rawValue
        switch UInt32(type) {
        case NGHTTP2_HEADERS.rawValue, NGHTTP2_CONTINUATION.rawValue: break
        default: nuisances += 1
        }
    }

    private func didReceive(_ piece: [UInt8], on stream: Int32) {
        forgiveEmptyData()
        unsafe events.append(.data(stream, piece))
    }

    private func didClose(_ stream: Int32) {
        bodies[stream] = nil
        // nghttp2 reads the rest of a block whose stream we have reset, and says nothing of its end.
        if blockStream == stream { unsafe block = nil }
        unsafe events.append(.closed(stream))
    }

    private func forgiveEmptyData() {
        if isDataEmpty { nuisances -= 1 }
        isDataEmpty = false
    }

    /// A response that is complete before its request is told: the client need not go on (RFC 9113 §8.1).
    private func didSend(_ frame: UnsafePointer<nghttp2_frame>, _ session: OpaquePointer?) {
        let header = unsafe frame.pointee.hd
        switch UInt32(header.type) {
        case NGHTTP2_HEADERS.rawValue, NGHTTP2_DATA.rawValue:
            guard UInt32(header.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 else { return }
            guard unsafe nghttp2_session_get_stream_remote_close(session, header.stream_id) == 0 else { return }
            unsafe events.append(.answeredEarly(header.stream_id))
        case NGHTTP2_RST_STREAM.rawValue:
            // A client that makes us reset its streams is as costly as one that resets them (CVE-2025-8671).
            if unsafe frame.pointee.rst_stream.error_code != NGHTTP2_NO_ERROR.rawValue { nuisances += 4 }
        default: break
        }
    }
}
