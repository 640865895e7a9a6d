import EventSimulation

/// `simulate [STEPS [SEED]]`: the event protocol under every fault, a million steps and a seed of its own choice unless told otherwise.
/// A seed that fails is printed, and fails again at the same step.
@main struct Simulate {
    static func main() throws {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        let steps = Int(arguments.first ?? 1_000_000)
        let seed = arguments.dropFirst().first ?? .random(in: 0...UInt64(UInt32.max))
        var simulation = Simulation(seed: seed)
        let started = ContinuousClock.now
        do {
            try simulation.run(steps: steps)
        } catch {
            print("simulation: seed \(seed) fails at step \(simulation.steps): \(error)")
            print("simulation: `simulate \(steps) \(seed)` runs it again")
            throw error
        }
        let counts = simulation.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("simulation: seed \(seed), \(simulation.steps) steps in \(started.duration(to: .now)): \(counts)")
    }
}
