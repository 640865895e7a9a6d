import EventSimulation
import Foundation

/// `simulate [STEPS [SEED]]`: the event protocol under every fault, a million steps and a seed of its own choice unless told otherwise.
///
/// The steps are made in worlds of 20,000, with the seeds SEED, SEED + 1 …: a world slows down with all it has to remember. The seed of
/// a world that fails is printed, and fails again at the same step.
@main struct Simulate {
    static let worldSteps = 20_000

    static func main() {
        let arguments = CommandLine.arguments.dropFirst().compactMap { UInt64($0) }
        let steps = Int(arguments.first ?? 1_000_000)
        let first = arguments.dropFirst().first ?? .random(in: 0...UInt64(UInt32.max))
        let started = ContinuousClock.now
        var counts: [String: Int] = [:]
        var (made, seed) = (0, first)
        while made < steps {
            guard let world = world(seed: seed, steps: min(worldSteps, steps - made)) else { exit(1) }
            counts.merge(world) { $0 + $1 }
            made += min(worldSteps, steps - made)
            seed &+= 1
        }
        let summary = counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("simulation: \(made) steps from seed \(first) on in \(started.duration(to: .now)): \(summary)")
    }

    private static func world(seed: UInt64, steps: Int) -> [String: Int]? {
        var simulation = Simulation(seed: seed)
        do {
            try simulation.run(steps: steps)
        } catch {
            print("simulation: seed \(seed) fails at step \(simulation.steps): \(error)")
            print("simulation: `simulate \(steps) \(seed)` runs it again")
            return nil
        }
        return simulation.counts
    }
}
