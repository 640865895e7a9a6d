internal import COpenSSL
internal import Synchronization

/// The client's side of TLS between services of ours: shows a certificate of its own, and believes servers of given authorities only, each under the name it
/// is called by. Both can be replaced while it is used; connections that are open keep the old ones.
///
/// TLS 1.3 only.
public final class TLSClientContext: Sendable {
    private let certificates: Mutex<TLSClientCertificates>

    /// - Parameters:
    ///   - files: what is shown to servers.
    ///   - authorities: whose certificates servers must show, in PEM; at least one.
    public init(_ files: CertificateFiles, authorities: [UInt8]) throws(TLSError) {
        certificates = Mutex(try TLSClientCertificates(files, authorities: authorities))
    }

    /// All or nothing: where one of them can't be used, the old ones stay.
    public func replace(with files: CertificateFiles, authorities: [UInt8]) throws(TLSError) {
        let fresh = try TLSClientCertificates(files, authorities: authorities)
        certificates.withLock { $0 = fresh }
    }

    var current: TLSClientCertificates { certificates.withLock { $0 } }
}

/// One `SSL_CTX` of a client.
///
/// Sendable because an `SSL_CTX` may be used by any number of threads once it is set up, and nobody changes it after `init`.
@safe final class TLSClientCertificates: @unchecked Sendable {
    let context: OpaquePointer

    init(_ files: CertificateFiles, authorities: [UInt8]) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .library(TLSError.reason()) }
        unsafe self.context = unsafe context
        try unsafe TLSMaterial.prepare(context, isInternal: true)
        try unsafe TLSMaterial.use(files, in: context)
        try unsafe TLSMaterial.require(authorities, in: context)
    }

    deinit { unsafe SSL_CTX_free(context) }
}
