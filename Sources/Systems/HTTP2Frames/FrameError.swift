/// Why a connection can't go on.
public enum FrameError: Error, Hashable, Sendable {
    /// The client sends what costs us more than it.
    case flooded
    /// It doesn't begin as HTTP/2 does, or what comes can't be read.
    case malformed
    /// nghttp2 failed for a reason of its own; its code.
    case library(Int32)
}

/// RFC 9113 §7.
public enum StreamErrorCode: UInt32, Sendable {
    case noError = 0
    case protocolError = 1
    case internalError = 2
    case refusedStream = 7
    case cancel = 8
    case enhanceYourCalm = 11
}
