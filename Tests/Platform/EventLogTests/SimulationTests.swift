import EventSimulation
import Foundation
import Testing

/// Short runs; `swift run -c release simulate` makes a million steps. `STRONGROOM_SIMULATION_SEED` runs one seed alone,
/// `STRONGROOM_SIMULATION_STEPS` sets how many steps are made in all.
@Suite struct SimulationTests {
    static let environment = ProcessInfo.processInfo.environment
    static let seed = environment["STRONGROOM_SIMULATION_SEED"].flatMap { UInt64($0) }
    static let steps = environment["STRONGROOM_SIMULATION_STEPS"].flatMap { Int($0) } ?? 60_000
    static let runs = 6

    static var seeds: [UInt64] {
        if let seed { return [seed] }
        var system = SystemRandomNumberGenerator()
        return (0..<UInt64(runs)).map { $0 < 3 ? $0 : system.next() }
    }

    @Test func `a seed runs the same way twice`() throws {
        func run() throws -> [String: Int] {
            var simulation = Simulation(seed: 42)
            for _ in 0..<3_000 { try simulation.step() }
            return simulation.counts
        }
        #expect(try run() == run())
    }

    @Test(arguments: seeds)
    func `the log holds what happened, whatever else happens`(seed: UInt64) {
        var simulation = Simulation(seed: seed)
        let steps = Self.steps / (Self.seed == nil ? Self.runs : 1)
        do {
            try simulation.run(steps: steps)
        } catch {
            Issue.record(
                "step \(simulation.steps): \(error); STRONGROOM_SIMULATION_SEED=\(seed) STRONGROOM_SIMULATION_STEPS=\(steps) runs it again")
        }
    }
}
