internal import CUV

extension TransportError {
    /// libuv's error codes are negated `errno` values.
    init(uv code: Int32) {
        switch code {
        case UV_ECONNRESET.rawValue, UV_EPIPE.rawValue, UV_EOF.rawValue, UV_ENOTCONN.rawValue: self = .reset
        case UV_ECONNREFUSED.rawValue: self = .refused
        case UV_ECANCELED.rawValue: self = .closed
        case UV_EINTR.rawValue: self = .cancelled
        case UV_ETIMEDOUT.rawValue: self = .deadline
        default: self = .system(code)
        }
    }
}
