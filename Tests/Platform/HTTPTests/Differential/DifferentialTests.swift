import Foundation
import Testing

/// Whatever we accept, h11 and llhttp accept too, and read the same. What we refuse, they may do with as they like.
///
/// `FRAMING_SEED` and `FRAMING_CASES` choose other cases, and more of them.
@Suite struct DifferentialTests {
    static let seed = ProcessInfo.processInfo.environment["FRAMING_SEED"].flatMap(UInt64.init) ?? 20_261_121
    static let cases = ProcessInfo.processInfo.environment["FRAMING_CASES"].flatMap(Int.init) ?? 4000

    @Test func `requests are read as h11 and llhttp read them`() async throws {
        var generator = MessageGenerator(seed: Self.seed)
        let cases = (0..<Self.cases).map { _ in generator.requests() }
        try await compare("requests", cases) { Reading.ofRequests($0) }
    }

    @Test func `responses are read as h11 and llhttp read them`() async throws {
        var generator = MessageGenerator(seed: Self.seed &+ 1)
        let cases = (0..<Self.cases).map { _ in generator.responses() }
        try await compare("responses", cases) { Reading.ofResponses($0) }
    }

    private func compare(_ kind: String, _ cases: [[UInt8]], _ read: ([[UInt8]]) -> Reading) async throws {
        let verdicts = try await Oracle.read(kind, cases)
        #expect(verdicts.count == cases.count)
        var random = SplitMix(state: Self.seed)
        var accepted = 0
        for (bytes, verdict) in zip(cases, verdicts) {
            let ours = read([bytes])
            #expect(read(Self.split(bytes, &random)) == ours, "the reading depends on how the bytes arrive: \(Self.show(bytes))")
            accepted += ours.messages.count { $0.complete }
            for (index, message) in ours.messages.enumerated() {
                for (name, theirs) in [("h11", verdict.h11), ("llhttp", verdict.llhttp)] {
                    let differs = index >= theirs.count || !Self.agree(message, theirs[index])
                    if differs { Issue.record("\(name) differs at message \(index) of \(Self.show(bytes)): ours \(message), \(name) \(theirs)") }
                }
            }
        }
        // Were nearly all refused, nothing would have been compared.
        #expect(accepted > cases.count / 4)
    }

    /// Of a message whose body isn't complete, only the head is compared.
    private static func agree(_ ours: Reading.Message, _ theirs: Reading.Message) -> Bool {
        guard ours.start == theirs.start, ours.headers == theirs.headers else { return false }
        return !ours.complete || (theirs.complete && ours.body == theirs.body && ours.trailers == theirs.trailers)
    }

    private static func split(_ bytes: [UInt8], _ random: inout SplitMix) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = min(rest.count, random.pick([1, 1, 2, 3, 10, 50]))
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }

    private static func show(_ bytes: [UInt8]) -> String {
        String(String.UnicodeScalarView(bytes.map { Unicode.Scalar($0) })).debugDescription
    }
}
