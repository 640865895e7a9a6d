// swift-tools-version: 6.2
import PackageDescription

// The layers of ARCHITECTURE.md, lowest first. A target may import what stands above its own line in this file, never below
// (services never import each other); `make lint` checks that this file and the sources keep to it.

let settings: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("ExistentialAny"),
]
let systemSettings = settings + [.enableExperimentalFeature("Lifetimes")]

func binding(_ name: String, pkgConfig: String, apt: String) -> Target {
    .systemLibrary(name: name, path: "Sources/Systems/C/\(name)", pkgConfig: pkgConfig, providers: [.apt([apt])])
}
func system(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Systems/\(name)", swiftSettings: systemSettings)
}
func foundation(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Foundations/\(name)", swiftSettings: settings)
}
func platform(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .target(name: name, dependencies: dependencies, path: "Sources/Platform/\(name)", swiftSettings: settings)
}
func service(_ name: String, _ dependencies: Target.Dependency..., resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies + everyService, path: "Sources/Services/\(name)", resources: resources, swiftSettings: settings)
}

// Layer 0: one C library each; `Bytes` has none, but loops over raw memory. The only place for `unsafe`, `import C…` and `import Glibc`.
let bindings = [
    .systemLibrary(name: "CPosix", path: "Sources/Systems/C/CPosix"),
    binding("CUV", pkgConfig: "libuv", apt: "libuv1-dev"),
    binding("CNGHTTP2", pkgConfig: "libnghttp2", apt: "libnghttp2-dev"),
    binding("COpenSSL", pkgConfig: "openssl", apt: "libssl-dev"),
    binding("CArgon2", pkgConfig: "libargon2", apt: "libargon2-dev"),
    binding("CSQLite", pkgConfig: "sqlite3", apt: "libsqlite3-dev"),
    binding("CKafka", pkgConfig: "rdkafka", apt: "librdkafka-dev"),
    binding("CYAML", pkgConfig: "yaml-0.1", apt: "libyaml-dev"),
]
let systems =
    bindings + [
        system("Bytes"),
        system("Processes", "CPosix"),
        system("Files", "CPosix", "Processes"),
        system("Threads", "CPosix"),
        system("Transport", "CUV", "COpenSSL"),
        system("HTTP2Frames", "CNGHTTP2", "Bytes"),
        system("Crypto", "CPosix", "COpenSSL", "CArgon2", "Bytes"),
        system("SQLite", "CSQLite"),
        system("Kafka", "CKafka"),
        system("YAML", "CYAML"),
    ]

// Layer 1: pure. A span or a value in, a value out; time, randomness and keys are handed in.
let foundations = [
    foundation("Encodings", "Bytes"),
    foundation("JSON", "Bytes", "Encodings"),
    foundation("Observability", "Bytes", "Encodings", "JSON"),
    foundation("Contracts", "Bytes", "Crypto", "Encodings", "JSON"),
    foundation("SigV4", "Bytes", "Crypto", "Encodings"),
    foundation("Tokens", "Bytes", "Crypto", "Encodings", "JSON", "Contracts"),
    foundation("Policies", "Bytes", "JSON"),
]

// Layer 2: what every service stands on.
let platforms = [
    platform("HTTP", "Bytes", "Transport", "Processes", "HTTP2Frames", "Encodings", "Contracts", "Observability"),
    platform(
        "Bootstrap", "Bytes", "Transport", "Files", "Processes", "Threads", "Crypto", "Encodings", "JSON", "Contracts", "Observability", "SigV4",
        "HTTP"),
    platform(
        "Trust", "Bytes", "Transport", "Files", "Processes", "Threads", "Crypto", "Encodings", "JSON", "Contracts", "Observability", "SigV4",
        "Tokens", "HTTP", "Bootstrap"),
    platform(
        "Shards", "Bytes", "Transport", "Files", "Processes", "Threads", "Crypto", "SQLite", "Encodings", "JSON", "Contracts", "Observability",
        "Bootstrap"),
    platform(
        "EventLog", "Transport", "Files", "Processes", "Threads", "Crypto", "SQLite", "Kafka", "Encodings", "JSON", "Contracts", "Observability",
        "HTTP", "Bootstrap", "Trust"),
    platform(
        "Backups", "Bytes", "Files", "Threads", "Crypto", "SQLite", "Encodings", "JSON", "Contracts", "Observability", "HTTP", "Bootstrap", "Trust",
        "Shards"),
    platform("Erasures", "Threads", "SQLite", "Encodings", "JSON", "Contracts", "Observability", "HTTP", "Bootstrap", "Trust", "Shards", "Backups"),
]
let everyService: [Target.Dependency] = [
    "Bytes", "Transport", "Files", "Processes", "Threads", "Crypto", "Encodings", "JSON", "Contracts", "Observability", "HTTP", "Bootstrap", "Trust",
]

// Layer 3: the services. None imports another.
let services = [
    // The shipped API document: a link to ops/config/gateway/api.yaml.
    service("Gateway", "YAML", "SigV4", "Tokens", "Policies", resources: [.embedInCode("api.yaml")]),
    service("Identity", "SQLite", "Tokens", "Shards", "Backups"),
    service("Authorizer", "SQLite", "SigV4", "Policies", "Shards", "Backups"),
    service("Notes", "SQLite", "Kafka", "Shards", "EventLog", "Backups", "Erasures"),
    service("Audit", "SQLite", "Kafka", "Shards", "EventLog", "Backups", "Erasures"),
]

// Layer 4: subcommands, nothing else.
let executables: [Target] = [
    .executableTarget(
        name: "strongroom",
        dependencies: ["Gateway", "Identity", "Authorizer", "Notes", "Audit", "SigV4", "Kafka", "EventLog", "Backups"] + everyService,
        path: "Sources/strongroom", swiftSettings: settings)
]

// Tests mirror Sources. A layer's tests may use that layer and what lies below it; a service's, that service only.
let belowServices = (systems + foundations + platforms).filter { $0.type == .regular }.map { Target.Dependency.byName(name: $0.name) }
func tests(_ layer: String, _ name: String, _ more: Target.Dependency...) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: belowServices + ["TestTools"] + more, path: "Tests/\(layer)/\(name)Tests", swiftSettings: settings)
}
let testTargets =
    ["Bytes", "Crypto", "Files", "HTTP2Frames", "Kafka", "Processes", "SQLite", "Threads", "Transport", "YAML"].map { tests("Systems", $0) }
    + ["Contracts", "Encodings", "JSON", "Observability", "Policies", "SigV4", "Tokens"].map { tests("Foundations", $0) }
    + ["Backups", "Bootstrap", "Erasures", "HTTP", "Shards", "Trust"].map { tests("Platform", $0) }
    + [tests("Platform", "EventLog", "EventSimulation")]
    + ["Authorizer", "Gateway"].map { tests("Services", $0, .byName(name: $0)) }
    + ["Audit", "Identity", "Notes"].map { tests("Services", $0, .byName(name: $0), "ServiceFixture") }

// What tests share: programs that are not ours, and waiting; and one whole service on a port, for the tests of each.
let testSupport: [Target] = [
    .target(name: "TestTools", path: "Tests/TestTools", swiftSettings: settings),
    .target(
        name: "ServiceFixture", dependencies: everyService + ["SigV4", "Tokens"], path: "Tests/Services/ServiceFixture", swiftSettings: settings),
]

// The event protocol under a seeded scheduler: a library for the tests, and a program for a million steps.
let simulation: [Target] = [
    .target(
        name: "EventSimulation", dependencies: ["EventLog", "Contracts", "Crypto", "Encodings"],
        path: "Tests/Platform/Simulation/EventSimulation", swiftSettings: settings),
    .executableTarget(
        name: "simulate", dependencies: ["EventSimulation"], path: "Tests/Platform/Simulation/simulate", swiftSettings: settings),
]

// Fuzzers, built by `Tests/Fuzz/run NAME` only: with coverage, in a folder of their own.
func fuzzer(_ name: String, _ dependencies: Target.Dependency...) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies + ["FuzzSupport"], path: "Tests/Fuzz/\(name)", exclude: ["seeds"],
        swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])],
        linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
}
let fuzzers: [Target] =
    Context.environment["STRONGROOM_FUZZ"] == nil
    ? []
    : [
        .target(name: "FuzzSupport", path: "Tests/Fuzz/FuzzSupport", swiftSettings: settings),
        fuzzer("FuzzEvents", "Contracts"),
        fuzzer("FuzzHTTP", "HTTP"),
        fuzzer("FuzzJSON", "JSON"),
        fuzzer("FuzzPolicies", "JSON", "Policies"),
        fuzzer("FuzzSigV4", "Crypto", "Encodings", "SigV4"),
        fuzzer("FuzzTargets", "Contracts"),
        fuzzer("FuzzTokens", "Encodings", "JSON", "Tokens"),
        fuzzer("FuzzYAML", "YAML"),
    ]

// An image is built from the sources alone, without the folders of the tests.
let isProductOnly = Context.environment["STRONGROOM_PRODUCT_ONLY"] != nil
let checks = testTargets + testSupport + simulation + fuzzers

let package = Package(
    name: "strongroom",
    products: [.executable(name: "strongroom", targets: ["strongroom"])],
    targets: systems + foundations + platforms + services + executables + (isProductOnly ? [] : checks),
    swiftLanguageModes: [.v6]
)
