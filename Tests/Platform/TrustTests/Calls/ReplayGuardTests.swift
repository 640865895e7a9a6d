import Crypto
import Encodings
import Testing

@testable import Trust

@Suite struct ReplayGuardTests {
    static let now = Timestamp(seconds: 1_800_000_000)

    static func signature(_ number: Int) -> SHA256Digest {
        var bytes: [UInt8] = []
        bytes.append(decimal: number)
        return SHA256.hash(bytes)
    }

    @Test func `Memory is bounded, and full means refused`() {
        let replays = ReplayGuard(window: 60, capacity: 1600)
        var fresh = 0
        for number in 0..<5000 where replays.admit(Self.signature(number), date: Self.now, now: Self.now) == .fresh { fresh += 1 }
        #expect(fresh == 1600)
        #expect(replays.admit(Self.signature(0), date: Self.now, now: Self.now) == .repeated)
    }

    @Test func `What has left the window makes room`() {
        let replays = ReplayGuard(window: 60, capacity: 160)
        for second in 0..<1000 {
            let time = Self.now.adding(seconds: Int64(second) * 61)
            for number in 0..<8 { #expect(replays.admit(Self.signature(second * 8 + number), date: time, now: time) == .fresh) }
        }
    }
}
