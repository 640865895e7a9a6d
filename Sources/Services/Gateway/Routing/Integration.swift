import Contracts
import HTTP

/// Where a route's requests go: an `http_proxy` integration.
struct Integration: Hashable, Sendable {
    enum Segment: Hashable, Sendable {
        /// Bytes between parameters, with their slashes.
        case literal([UInt8])
        /// The canonical bytes that the route's parameter of this position stood for.
        case parameter(Int)
    }

    /// Where requests go.
    enum Destination: Hashable, Sendable {
        /// A service of the cluster, with an identity header and a signature.
        case service(ServiceName)
        /// A server outside the cluster that the gateway's settings allow. It gets the request, and neither of those.
        case backend(HTTP.Endpoint)
    }

    let destination: Destination
    /// The path asked of the service; `nil` where it is the route's own path, byte for byte.
    let path: [Segment]?
    /// From 50 to 29,000.
    let timeoutMilliseconds: Int
}
