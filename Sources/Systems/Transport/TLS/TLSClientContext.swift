internal import COpenSSL
internal import Synchronization

/// The client's side of TLS, which believes servers of given authorities only, each under the name it is called by.
///
/// Between services of ours it shows a certificate of its own, and speaks TLS 1.3 only; both can be replaced while it is used, and connections that are open
/// keep the old ones.
public final class TLSClientContext: Sendable {
    private let certificates: Mutex<TLSClientCertificates>

    /// - Parameters:
    ///   - files: what is shown to servers.
    ///   - authorities: whose certificates servers must show, in PEM; at least one.
    public init(_ files: CertificateFiles, authorities: [UInt8]) throws(TLSError) {
        certificates = Mutex(try TLSClientCertificates(showing: files, trusting: authorities))
    }

    /// For servers that are none of ours: shows no certificate, and speaks TLS 1.2, too.
    /// - Parameter authorities: whose certificates servers must show, in PEM; nil is whoever the system believes.
    public init(trusting authorities: [UInt8]?) throws(TLSError) {
        certificates = Mutex(try TLSClientCertificates(showing: nil, trusting: authorities))
    }

    /// All or nothing: where one of them can't be used, the old ones stay.
    public func replace(with files: CertificateFiles, authorities: [UInt8]) throws(TLSError) {
        let fresh = try TLSClientCertificates(showing: files, trusting: authorities)
        certificates.withLock { $0 = fresh }
    }

    var current: TLSClientCertificates { certificates.withLock { $0 } }
}

/// One `SSL_CTX` of a client.
///
/// Sendable because an `SSL_CTX` may be used by any number of threads once it is set up, and nobody changes it after `init`.
@safe final class TLSClientCertificates: @unchecked Sendable {
    let context: OpaquePointer

    /// - Parameters:
    ///   - files: what servers of ours are shown; nil where they are none of ours.
    ///   - authorities: nil is whoever the system believes.
    init(showing files: CertificateFiles?, trusting authorities: [UInt8]?) throws(TLSError) {
        guard let context = unsafe SSL_CTX_new(TLS_client_method()) else { throw .library(TLSError.reason()) }
        unsafe self.context = unsafe context
        try unsafe TLSMaterial.prepare(context, isInternal: files != nil)
        if let files { try unsafe TLSMaterial.use(files, in: context) }
        if let authorities {
            try unsafe TLSMaterial.require(authorities, in: context)
        } else {
            try unsafe TLSMaterial.requireSystemAuthorities(in: context)
        }
    }

    deinit { unsafe SSL_CTX_free(context) }
}
