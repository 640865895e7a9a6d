internal import Bytes
internal import COpenSSL

/// Overwrites a secret in place; OPENSSL_cleanse is not optimised away.
func wipe(_ bytes: inout [UInt8]) {
    unsafe bytes.withUnsafeMutableBytes { raw in
        if let base = raw.baseAddress { unsafe OPENSSL_cleanse(base, raw.count) }
    }
}

/// Thirty-two or so bytes of key material that are overwritten when their last user lets go.
final class SecretBytes: Sendable {
    let bytes: [UInt8]

    init(_ span: Span<UInt8>) {
        bytes = [UInt8](copying: span)
    }

    deinit {
        // The array is uniquely ours: it was made from a span and is never handed out except as a borrowed pointer.
        unsafe bytes.withUnsafeBytes { raw in
            if let base = raw.baseAddress { unsafe OPENSSL_cleanse(UnsafeMutableRawPointer(mutating: base), raw.count) }
        }
    }
}
