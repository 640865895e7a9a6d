import Contracts

/// Where a route's requests go: an `http_proxy` integration.
struct Integration: Hashable, Sendable {
    enum Segment: Hashable, Sendable {
        /// Bytes between parameters, with their slashes.
        case literal([UInt8])
        /// The canonical bytes that the route's parameter of this position stood for.
        case parameter(Int)
    }

    let service: ServiceName
    /// The path asked of the service; `nil` where it is the route's own path, byte for byte.
    let path: [Segment]?
    /// From 50 to 29,000.
    let timeoutMilliseconds: Int
}
