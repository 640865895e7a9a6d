internal import COpenSSL

/// One X.509 certificate in the making (RFC 5280). Each pointer libcrypto makes is freed where it was made; what a getter such as
/// `X509_get_subject_name` returns belongs to the certificate and is used only while this object holds that.
@safe final class CertificateBuilder {
    private let certificate: OpaquePointer

    /// - Parameter serial: positive, at most 20 bytes (RFC 5280 §4.1.2.2).
    init(serial: [UInt8], commonName: String, key: P256PrivateKey, from: Int64, until: Int64) throws(CryptoError) {
        guard let made = unsafe X509_new() else { throw .fromLibrary() }
        unsafe certificate = made
        guard let number = unsafe serial.withUnsafeBufferPointer({ unsafe BN_bin2bn($0.baseAddress, Int32($0.count), nil) }) else {
            throw .fromLibrary()
        }
        defer { unsafe BN_free(number) }
        let done =
            unsafe X509_set_version(certificate, 2) == 1  // which means version 3
            && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil
            && ASN1_TIME_set(X509_getm_notBefore(certificate), Int(from)) != nil
            && ASN1_TIME_set(X509_getm_notAfter(certificate), Int(until)) != nil
            && X509_set_pubkey(certificate, key.handle.key) == 1
            && X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8, commonName, -1, -1, 0) == 1
        guard done else { throw .fromLibrary() }
    }

    deinit { unsafe X509_free(certificate) }

    /// Adds extensions in OpenSSL's own notation (x509v3_config), which callers never fill with a stranger's text unchecked.
    func add(_ extensions: [(Int32, String)], issuer: CertificateBuilder) throws(CryptoError) {
        for (identifier, value) in extensions {
            // The context lends both certificates to the extensions that hash their keys.
            var context = unsafe X509V3_CTX()
            unsafe X509V3_set_ctx(&context, issuer.certificate, certificate, nil, nil, 0)
            guard let made = unsafe X509V3_EXT_conf_nid(nil, &context, identifier, value) else { throw .fromLibrary() }
            defer { unsafe X509_EXTENSION_free(made) }
            guard unsafe X509_add_ext(certificate, made, -1) == 1 else { throw .fromLibrary() }
        }
    }

    /// The certificate in DER, signed with ECDSA over SHA-256 by the issuer.
    func signed(by issuer: CertificateBuilder, with key: P256PrivateKey) throws(CryptoError) -> [UInt8] {
        guard unsafe X509_set_issuer_name(certificate, X509_get_subject_name(issuer.certificate)) == 1,
            unsafe X509_sign(certificate, key.handle.key, EVP_sha256()) > 0
        else { throw .fromLibrary() }
        var der: UnsafeMutablePointer<UInt8>? = nil
        let count = unsafe i2d_X509(certificate, &der)
        guard count > 0, let der = unsafe der else { throw .fromLibrary() }
        defer { unsafe CRYPTO_free(der, nil, 0) }
        return unsafe Array(UnsafeBufferPointer(start: der, count: Int(count)))
    }
}
