internal import COpenSSL

/// Puts what lies in PEM files into an `SSL_CTX`, and what both sides of TLS have in common. The contexts are their owners'; each is touched before it is used.
enum TLSMaterial {
    /// What TLS 1.2 may use; of TLS 1.3 all three standard suites are good.
    private static let suites =
        "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:"
        + "ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

    /// - Parameter isInternal: both ends are ours: TLS 1.3 only, and each connection shows its certificates anew.
    static func prepare(_ context: OpaquePointer, isInternal: Bool) throws(TLSError) {
        let least = isInternal ? TLS1_3_VERSION : TLS1_2_VERSION
        guard unsafe strongroom_ssl_set_versions(context, least) == 1, unsafe SSL_CTX_set_cipher_list(context, suites) == 1,
            unsafe strongroom_ssl_set_groups(context, "X25519:P-256:P-384") == 1
        else { throw .library(TLSError.reason()) }
        unsafe strongroom_ssl_harden(context)
        unsafe strongroom_ssl_no_session_cache(context)
        if isInternal { unsafe strongroom_ssl_no_tickets(context) }
    }

    static func use(_ files: CertificateFiles, in context: OpaquePointer) throws(TLSError) {
        try unsafe use(chain: files.chain, in: context)
        try unsafe use(key: files.key, in: context)
    }

    /// Believes the authorities in `file` and nobody else, and lets no peer in without a certificate of theirs (RFC 8446 §4.3.2, §4.4.2.4).
    static func require(_ file: [UInt8], in context: OpaquePointer) throws(TLSError) {
        do throws(TLSError) {
            try unsafe forEachCertificate(of: file) { (certificate) throws(TLSError) in
                let isTaken = unsafe X509_STORE_add_cert(SSL_CTX_get_cert_store(context), certificate) == 1
                guard isTaken, unsafe SSL_CTX_add_client_CA(context, certificate) == 1 else { throw .certificate(TLSError.reason()) }
            }
        } catch {
            guard case .certificate(let reason) = error else { throw error }
            throw .authority(reason)
        }
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
    }

    /// Believes whom the system believes; where it believes nobody, no server is good.
    static func requireSystemAuthorities(in context: OpaquePointer) throws(TLSError) {
        guard unsafe SSL_CTX_set_default_verify_paths(context) == 1 else { throw .library(TLSError.reason()) }
        unsafe SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nil)
    }

    private static func use(chain: [UInt8], in context: OpaquePointer) throws(TLSError) {
        var count = 0
        try unsafe forEachCertificate(of: chain) { (certificate) throws(TLSError) in
            let status = unsafe count == 0 ? SSL_CTX_use_certificate(context, certificate) : strongroom_ssl_add_chain(context, certificate)
            guard status == 1 else { throw .certificate(TLSError.reason()) }
            count += 1
        }
    }

    private static func forEachCertificate(of file: [UInt8], _ body: (OpaquePointer) throws(TLSError) -> Void) throws(TLSError) {
        guard let bio = unsafe BIO_new_mem_buf(file, Int32(file.count)) else { throw .library(TLSError.reason()) }
        defer { unsafe BIO_free(bio) }
        ERR_clear_error()
        var count = 0
        while let certificate = unsafe PEM_read_bio_X509(bio, nil, nil, nil) {
            defer { unsafe X509_free(certificate) }
            try unsafe body(certificate)
            count += 1
        }
        // The end of the file is an error like others, and the only one that is none.
        guard count > 0, strongroom_pem_ended() == 1 else { throw .certificate(TLSError.reason()) }
        ERR_clear_error()
    }

    private static func use(key: [UInt8], in context: OpaquePointer) throws(TLSError) {
        guard let bio = unsafe BIO_new_mem_buf(key, Int32(key.count)) else { throw .library(TLSError.reason()) }
        defer { unsafe BIO_free(bio) }
        ERR_clear_error()
        // Without a callback, libcrypto would ask the terminal for the password of an encrypted key.
        guard let parsed = unsafe PEM_read_bio_PrivateKey(bio, nil, { _, _, _, _ in -1 }, nil) else { throw .key(TLSError.reason()) }
        defer { unsafe EVP_PKEY_free(parsed) }
        // libssl checks that the two belong together already here; after it, nothing would be left to say so.
        guard unsafe X509_check_private_key(SSL_CTX_get0_certificate(context), parsed) == 1 else {
            ERR_clear_error()
            throw .mismatch
        }
        guard unsafe SSL_CTX_use_PrivateKey(context, parsed) == 1 else { throw .key(TLSError.reason()) }
    }
}
