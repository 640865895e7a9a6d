internal import COpenSSL

/// PKCS #8 (RFC 5958) in and out, and public keys. Each pointer libcrypto makes is freed where it was made.
enum KeyEncoding {
    static func pkcs8(of key: KeyHandle) throws(CryptoError) -> [UInt8] {
        guard let info = unsafe EVP_PKEY2PKCS8(key.key) else { throw .fromLibrary() }
        defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
        var der: UnsafeMutablePointer<UInt8>? = nil
        let count = unsafe i2d_PKCS8_PRIV_KEY_INFO(info, &der)
        guard count > 0, let der = unsafe der else { throw .fromLibrary() }
        defer { unsafe CRYPTO_clear_free(der, Int(count), nil, 0) }
        return unsafe Array(UnsafeBufferPointer(start: der, count: Int(count)))
    }

    /// A private key of the named type; trailing bytes are refused.
    static func key(pkcs8: Span<UInt8>, type: String) throws(CryptoError) -> OpaquePointer {
        let key = unsafe pkcs8.withUnsafeBufferPointer { bytes -> OpaquePointer? in
            var cursor = bytes.baseAddress
            guard let info = unsafe d2i_PKCS8_PRIV_KEY_INFO(nil, &cursor, bytes.count) else { return nil }
            defer { unsafe PKCS8_PRIV_KEY_INFO_free(info) }
            guard unsafe cursor == bytes.baseAddress! + bytes.count else { return nil }
            return unsafe EVP_PKCS82PKEY(info)
        }
        guard let key = unsafe key else {
            ERR_clear_error()
            throw .invalidKey
        }
        guard unsafe EVP_PKEY_is_a(key, type) == 1 else {
            unsafe EVP_PKEY_free(key)
            throw .invalidKey
        }
        return unsafe key
    }

    static func generate(type: String, configure: (OpaquePointer) -> Bool) throws(CryptoError) -> OpaquePointer {
        guard let context = unsafe EVP_PKEY_CTX_new_from_name(nil, type, nil) else { throw .fromLibrary() }
        defer { unsafe EVP_PKEY_CTX_free(context) }
        var key: OpaquePointer? = nil
        guard unsafe EVP_PKEY_keygen_init(context) == 1, unsafe configure(context), unsafe EVP_PKEY_generate(context, &key) == 1,
            let key = unsafe key
        else { throw .fromLibrary() }
        return unsafe key
    }

    /// A public key from its SubjectPublicKeyInfo; libcrypto checks that it is one (a point on its curve).
    static func publicKey(der: [UInt8]) throws(CryptoError) -> OpaquePointer {
        let key = unsafe der.withUnsafeBufferPointer { bytes in
            var cursor = bytes.baseAddress
            return unsafe d2i_PUBKEY(nil, &cursor, bytes.count)
        }
        guard let key = unsafe key else {
            ERR_clear_error()
            throw .invalidKey
        }
        return unsafe key
    }

    /// A big number parameter ("n", "e") as big-endian bytes without leading zeros.
    static func integer(_ name: String, of key: KeyHandle) throws(CryptoError) -> [UInt8] {
        var number: OpaquePointer? = nil
        guard unsafe EVP_PKEY_get_bn_param(key.key, name, &number) == 1, let number = unsafe number else { throw .fromLibrary() }
        defer { unsafe BN_free(number) }
        var bytes = [UInt8](repeating: 0, count: (Int(unsafe BN_num_bits(number)) + 7) / 8)
        unsafe bytes.withUnsafeMutableBufferPointer { unsafe _ = BN_bn2bin(number, $0.baseAddress) }
        return bytes
    }

    static func octets(_ name: String, of key: KeyHandle) throws(CryptoError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 256)
        var count = 0
        let status = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe EVP_PKEY_get_octet_string_param(key.key, name, $0.baseAddress, $0.count, &count)
        }
        guard status == 1, count <= bytes.count else { throw .fromLibrary() }
        return Array(bytes[..<count])
    }
}
