import Encodings
import Testing

@testable import Identity

@Suite("When token keys move on")
struct TokenKeyTimetableTests {
    private static let start = Timestamp(seconds: 1_800_000_000)
    private let timetable = TokenKeyTimetable(lead: 600, servingSince: Timestamp(seconds: 1_700_000_000))

    private func key(_ stage: TokenKeyState.Stage, _ use: PoolKeys.Use = .id, since: Int64 = 0, longest: Int64 = 3600) -> TokenKeyState {
        TokenKeyState(use: use, keyID: "\(use) \(stage)", stage: stage, since: Self.start.adding(seconds: since), longest: longest)
    }

    @Test("Nothing is ever due where nothing was asked for")
    func settled() {
        let keys = [key(.current), key(.current, .access), key(.current, .sealing)]
        #expect(timetable.nextStep(keys) == nil)
        #expect(timetable.steps(keys, at: Timestamp(seconds: 100_000_000_000)) == [])
    }

    @Test("A published key signs after the lead, not a second before")
    func lead() {
        let keys = [key(.current), key(.next)]
        #expect(timetable.steps(keys, at: Self.start.adding(seconds: 599)) == [])
        #expect(timetable.steps(keys, at: Self.start.adding(seconds: 600)) == [.succeed(.id)])
        #expect(timetable.nextStep(keys) == Self.start.adding(seconds: 600))
    }

    @Test("While the service was away nobody could see the new key: the lead begins again when it is back")
    func away() {
        let back = Self.start.adding(seconds: 500)
        let later = TokenKeyTimetable(lead: 600, servingSince: back)
        #expect(later.steps([key(.current), key(.next)], at: Self.start.adding(seconds: 1099)) == [])
        #expect(later.steps([key(.current), key(.next)], at: Self.start.adding(seconds: 1100)) == [.succeed(.id)])
    }

    @Test("A former key stays for the longest-lived token it has signed and a minute, and each leaves by itself")
    func former() {
        let keys = [
            key(.current), key(.former, since: 0, longest: 300), key(.former, .access, since: 100, longest: 86_400), key(.next, .access, since: 200),
        ]
        #expect(timetable.steps(keys, at: Self.start.adding(seconds: 359)) == [])
        #expect(timetable.steps(keys, at: Self.start.adding(seconds: 360)) == [.drop(keyID: "id former")])
        #expect(timetable.steps(keys, at: Self.start.adding(seconds: 800)) == [.drop(keyID: "id former"), .succeed(.access)])
        #expect(timetable.steps(keys, at: Self.start.adding(seconds: 86_559)).contains(.drop(keyID: "access former")) == false)
        #expect(timetable.steps(keys, at: Self.start.adding(seconds: 86_560)).contains(.drop(keyID: "access former")))
        #expect(timetable.nextStep(keys) == Self.start.adding(seconds: 360))
    }
}
