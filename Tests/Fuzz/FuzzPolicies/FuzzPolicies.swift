import FuzzSupport
import JSON
import Policies

/// The input is a policy, a line feed, and a resource. A policy that is accepted decides the same once written and read again, and a matcher
/// that looks at all places of a text at once agrees with the textbook one, which tries everything.
private func check(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe fuzzInput(start, count)
    let end = bytes.lastIndex(of: UInt8(ascii: "\n")) ?? bytes.endIndex
    let resource = String(decoding: bytes[end...].dropFirst(), as: UTF8.self)
    let text = Array(bytes[..<end])
    if let document = try? PolicyDocument(parsing: text.span, limit: nil) {
        var writer = JSONWriter()
        document.write(to: &writer)
        guard let again = try? PolicyDocument(parsing: writer.bytes.span, limit: nil) else { fatalError("not read again: \(bytes)") }
        let decision = document.decide(action: "execute-api:Invoke", resource: resource)
        guard again.decide(action: "execute-api:Invoke", resource: resource) == decision else { fatalError("decides otherwise: \(bytes)") }
    }
    // One part of a resource against one pattern.
    let pattern = String(decoding: text.prefix(8), as: UTF8.self)
    let subject = String(resource.prefix(12))
    if !pattern.contains(":"), let document = try? PolicyDocument(single("arn:a:b:c:d:\(pattern)")) {
        let found = document.decide(action: "a:B", resource: "arn:a:b:c:d:\(subject)") == .allow
        guard found == matches(Array(pattern.unicodeScalars)[...], Array(subject.unicodeScalars)[...]) else {
            fatalError("matches otherwise: \(bytes)")
        }
    }
    return 0
}

private func single(_ resource: String) -> JSONValue {
    ["Statement": ["Effect": "Allow", "Action": "*", "Resource": .string(resource)]]
}

private func matches(_ pattern: ArraySlice<Unicode.Scalar>, _ text: ArraySlice<Unicode.Scalar>) -> Bool {
    guard let first = pattern.first else { return text.isEmpty }
    if first == "*" { return matches(pattern.dropFirst(), text) || (!text.isEmpty && matches(pattern, text.dropFirst())) }
    guard let next = text.first, first == "?" || first == next else { return false }
    return matches(pattern.dropFirst(), text.dropFirst())
}

@_cdecl("FuzzPolicies_main")
public func fuzzMain(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt { unsafe runFuzzer(argc, argv, check) }
