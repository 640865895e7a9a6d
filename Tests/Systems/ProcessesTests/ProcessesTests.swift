import Processes
import Testing

struct ProcessesTests {
    @Test func clocksMoveForward() {
        let first = SystemClock.monotonicNanoseconds()
        #expect(SystemClock.monotonicNanoseconds() >= first)
        #expect(SystemClock.wallMicroseconds() > 1_700_000_000_000_000)
        #expect(SystemClock.processorNanoseconds() > 0)
        #expect(CurrentProcess.pageSize >= 4096)
    }

    @Test func theEnvironmentIsReadWhole() {
        #expect(Environment.variables()["PATH"] == Environment.value(of: "PATH"))
        #expect(Environment.value(of: "STRONGROOM_NO_SUCH_VARIABLE") == nil)
    }

    @Test func theLimitOfOpenFilesCanBeRaisedToTheHardOne() throws {
        let hard = try ResourceLimit.openFiles.raise()
        #expect(try ResourceLimit.openFiles.current().soft == hard)
    }

    @Test func aFailPointThatIsNotAskedForDoesNothing() {
        let point = FailPoint("tests.nowhere")
        for _ in 0..<10 { point.pass() }
    }
}
