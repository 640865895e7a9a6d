import Bootstrap
import Bytes
import Contracts
import HTTP

/// One pass over a request's header fields: which of them may go on to a service, and where those are that the gateway acts on.
///
/// A name is judged lower-cased and with `_` and `.` read as `-`: servers behind a gateway that fold these would otherwise take
/// `X_Strongroom_Identity` for the real thing.
struct RequestFields {
    /// Those that go on.
    private var forwarded = FieldSet()
    private(set) var authorization: Int?
    private(set) var contentType: Int?
    private(set) var host: Int?
    private(set) var origin: Int?
    private(set) var amzTarget: Int?
    private(set) var forwardedFor: Int?
    private(set) var asksForMethod = false

    private enum Kind {
        case endToEnd, drop, connection, authorization, contentType, host, origin, amzTarget, forwardedFor, requestMethod, apiKey, traceState
    }

    /// - Parameter credentials: fields that carry credentials, as `Authorization` does, and like it don't go on, whatever the route.
    /// - Throws: `badRequest` where a field that must be single is repeated.
    init(_ headers: Headers, credentials: [HeaderName] = []) throws(GatewayError) {
        precondition(headers.count <= FieldSet.capacity, "the parser admits fewer fields")
        var hasAPIKey = false
        var (connection, traceStates) = (FieldSet(), FieldSet())
        let bytes = headers.bytes.span
        for index in 0..<headers.count {
            switch Self.kind(bytes.extracting(headers.nameRange(at: index))) {
            case .endToEnd: forwarded.insert(index)
            case .drop: break
            case .connection: connection.insert(index)
            case .authorization: try Self.single(&authorization, index)
            case .contentType:
                try Self.single(&contentType, index)
                forwarded.insert(index)
            case .host: try Self.single(&host, index)
            case .origin: try Self.single(&origin, index)
            case .amzTarget: try Self.single(&amzTarget, index)
            case .forwardedFor: forwardedFor = index
            case .requestMethod: asksForMethod = true
            case .traceState: traceStates.insert(index)
            case .apiKey:
                if hasAPIKey { throw .badRequest }
                hasAPIKey = true
            }
        }
        if !traceStates.isEmpty, headers.traceState != nil { forwarded.formUnion(traceStates) }
        if !connection.isEmpty { try dropNamed(by: connection, headers) }
        for credential in credentials { drop(named: credential.bytes.span, headers) }
    }

    private static func single(_ place: inout Int?, _ index: Int) throws(GatewayError) {
        guard place == nil else { throw .badRequest }
        place = index
    }

    func isForwarded(_ index: Int) -> Bool { forwarded.contains(index) }

    // MARK: Connection

    /// RFC 9110 §7.6.1: what `Connection` names is for this hop only. The fields that the gateway itself adds are added afterwards, so
    /// naming them takes nothing away; and those it acts on are read all the same.
    ///
    /// - Throws: `badRequest` where it names more than a request may have: each is looked for among all.
    private mutating func dropNamed(by connection: FieldSet, _ headers: Headers) throws(GatewayError) {
        let bytes = headers.bytes.span
        var count = 0
        for index in 0..<headers.count where connection.contains(index) {
            let value = bytes.extracting(headers.valueRange(at: index))
            if Self.equals(value, "keep-alive") || Self.equals(value, "close") { continue }
            try Grammar.forEachElement(of: value) { (option) throws(GatewayError) in
                count += 1
                guard count <= FieldSet.capacity else { throw .badRequest }
                drop(named: option, headers)
            }
        }
    }

    private mutating func drop(named name: Span<UInt8>, _ headers: Headers) {
        let bytes = headers.bytes.span
        for index in 0..<headers.count where isForwarded(index) {
            let own = bytes.extracting(headers.nameRange(at: index))
            guard own.count == name.count else { continue }
            var isSame = true
            for position in own.indices where Self.folded(own[position]) != Self.folded(name[position]) { isSame = false }
            if isSame { forwarded.remove(index) }
        }
    }

    // MARK: Names

    private static func kind(_ name: Span<UInt8>) -> Kind {
        switch folded(name[0]) {
        case UInt8(ascii: "x"): return extended(name)
        case UInt8(ascii: "a"):
            if name.count == 13, equals(name, "authorization") { return .authorization }
            if name.count == 29, equals(name, "access-control-request-method") { return .requestMethod }
            return .endToEnd
        case UInt8(ascii: "c"):
            switch name.count {
            case 10: return equals(name, "connection") ? .connection : .endToEnd
            // Under another spelling it isn't what the service reads, and the signature of the hop covers the one that is.
            case 12: return equals(name, "content-type") ? (name[7] == UInt8(ascii: "-") ? .contentType : .drop) : .endToEnd
            case 14: return equals(name, "content-length") ? .drop : .endToEnd
            default: return .endToEnd
            }
        case UInt8(ascii: "h"): return name.count == 4 && equals(name, "host") ? .host : .endToEnd
        case UInt8(ascii: "o"): return name.count == 6 && equals(name, "origin") ? .origin : .endToEnd
        case UInt8(ascii: "t"):
            if equals(name, "tracestate") { return .traceState }
            // Replaced by the gateway's own span.
            if equals(name, "traceparent") { return .drop }
            return equals(name, "te") || equals(name, "trailer") || equals(name, "transfer-encoding") ? .drop : .endToEnd
        case UInt8(ascii: "e"): return equals(name, "expect") ? .drop : .endToEnd
        case UInt8(ascii: "f"): return equals(name, "forwarded") ? .drop : .endToEnd
        case UInt8(ascii: "k"): return equals(name, "keep-alive") ? .drop : .endToEnd
        case UInt8(ascii: "u"): return equals(name, "upgrade") ? .drop : .endToEnd
        case UInt8(ascii: "p"): return hasPrefix(name, "proxy-") ? .drop : .endToEnd
        default: return .endToEnd
        }
    }

    private static func extended(_ name: Span<UInt8>) -> Kind {
        if hasPrefix(name, "x-strongroom-") { return .drop }
        if hasPrefix(name, "x-amz-") { return equals(name, "x-amz-target") ? .amzTarget : .drop }
        if hasPrefix(name, "x-forwarded-") { return equals(name, "x-forwarded-for") ? .forwardedFor : .drop }
        if equals(name, "x-api-key") { return .apiKey }
        // What some servers let override the method or the target that was authorized.
        for override in overrides where equals(name, override) { return .drop }
        return .endToEnd
    }

    private static let overrides: [String] = [
        "x-real-ip", "x-http-method-override", "x-http-method", "x-method-override", "x-original-url", "x-original-uri", "x-rewrite-url",
    ]

    @inline(__always)
    private static func folded(_ byte: UInt8) -> UInt8 {
        switch byte {
        case UInt8(ascii: "_"), UInt8(ascii: "."): UInt8(ascii: "-")
        default: byte.lowercased
        }
    }

    @inline(__always)
    private static func hasPrefix(_ name: Span<UInt8>, _ prefix: String) -> Bool {
        guard name.count >= prefix.utf8.count else { return false }
        return equals(name.extracting(0..<prefix.utf8.count), prefix)
    }

    @inline(__always)
    private static func equals(_ name: Span<UInt8>, _ text: String) -> Bool {
        let expected = text.utf8.span
        guard name.count == expected.count else { return false }
        for index in expected.indices where folded(name[index]) != expected[index] { return false }
        return true
    }
}
