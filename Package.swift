// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

// MARK: - Products

var products: [Product] = [
  .library(name: "Raft", targets: ["Raft"]),
  .library(name: "RaftNIO", targets: ["RaftNIO"]),
  .library(name: "Gossip", targets: ["Gossip"]),
  .library(name: "GossipNIO", targets: ["GossipNIO"]),
  .library(name: "SwarmModel", targets: ["SwarmModel"]),
  .library(name: "SwarmIdentity", targets: ["SwarmIdentity"]),
  .library(name: "SwarmAgent", targets: ["SwarmAgent"]),
  .library(name: "ProcessRuntime", targets: ["ProcessRuntime"]),
  .library(name: "DockerRuntime", targets: ["DockerRuntime"]),
  .library(name: "Swarm", targets: ["Swarm"]),
  .library(name: "EngineAPI", targets: ["EngineAPI"]),
  .library(name: "Compose", targets: ["Compose"]),
  .library(name: "SwarmSimulator", targets: ["SwarmSimulator"]),
]
for executable in [
  "swarmctl", "swarm-simulator", "swarm-manager", "swarm-worker", "swarm-demo", "replicated-counter", "embedded-tasks",
  "swarm-benchmark", "port-benchmark", "raft-benchmark", "gossip-benchmark", "scheduler-benchmark",
] {
  products.append(.executable(name: executable, targets: [executable]))
}

// MARK: - Traits
// A dependency that only some products need is conditioned on a trait, so that a consumer who says `traits: []` does not even
// clone it.

let networking = TargetDependencyCondition.when(traits: ["Networking"])
let security = TargetDependencyCondition.when(traits: ["Security"])
let swarmKitProtocol = TargetDependencyCondition.when(traits: ["SwarmKitProtocol"])
let engineAPI = TargetDependencyCondition.when(traits: ["EngineAPI"])
let dockerRuntime = TargetDependencyCondition.when(traits: ["DockerRuntime"])
let compose = TargetDependencyCondition.when(traits: ["Compose"])

// MARK: - Dependencies

let dependencies: [Package.Dependency] = [
  // Persistent maps for the replicated store; deques and heaps for the cores.
  .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  // Event loops, sockets and buffers of every driver.
  .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
  // Mutual TLS between members.
  .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
  // Certificates and their requests; the cryptography under them, under keys at rest and under gossip.
  .package(url: "https://github.com/apple/swift-certificates", from: "1.21.1"),
  .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
  .package(url: "https://github.com/apple/swift-asn1", from: "1.7.4"),
  // The logging façade of Swift on the server.
  .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
  // The metrics façade of Swift on the server.
  .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
  // `Service` and graceful shutdown of long-running parts.
  .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  // SwarmKit's protocol between managers and workers is gRPC with protobuf messages.
  .package(url: "https://github.com/grpc/grpc-swift-2", from: "2.4.3"),
  .package(url: "https://github.com/grpc/grpc-swift-nio-transport", from: "2.9.2"),
  .package(url: "https://github.com/grpc/grpc-swift-protobuf", from: "2.4.1"),
  .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0", traits: []),
  // The HTTP server behind the Docker Engine API.
  .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
  // The header fields and statuses in Hummingbird's own API.
  .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0", traits: []),
  // The HTTP client of swarmctl and of the Docker runtime: speaks to unix sockets.
  .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
  // YAML, for compose files.
  .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  // Flags and subcommands of the executables.
  .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
]

let collections: [Target.Dependency] = [
  .product(name: "DequeModule", package: "swift-collections"),
  .product(name: "HashTreeCollections", package: "swift-collections"),
  .product(name: "HeapModule", package: "swift-collections"),
]
let nio: [Target.Dependency] = [
  .product(name: "NIOCore", package: "swift-nio", condition: networking),
  .product(name: "NIOPosix", package: "swift-nio", condition: networking),
]
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log", condition: networking)
let metrics: Target.Dependency = .product(name: "Metrics", package: "swift-metrics", condition: networking)
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl", condition: security)
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio", condition: security)
let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto", condition: security)
let certificates: [Target.Dependency] = [
  .product(name: "X509", package: "swift-certificates", condition: security),
  .product(name: "SwiftASN1", package: "swift-asn1", condition: security),
  crypto,
]
let lifecycle: Target.Dependency =
  .product(name: "ServiceLifecycle", package: "swift-service-lifecycle", condition: networking)
let grpc: [Target.Dependency] = [
  .product(name: "GRPCCore", package: "grpc-swift-2", condition: swarmKitProtocol),
  .product(name: "GRPCNIOTransportHTTP2Posix", package: "grpc-swift-nio-transport", condition: swarmKitProtocol),
  .product(name: "GRPCProtobuf", package: "grpc-swift-protobuf", condition: swarmKitProtocol),
  .product(name: "SwiftProtobuf", package: "swift-protobuf", condition: swarmKitProtocol),
]
let hummingbird: Target.Dependency =
  .product(name: "Hummingbird", package: "hummingbird", condition: engineAPI)
let hummingbirdTLS: [Target.Dependency] = [
  .product(name: "HummingbirdCore", package: "hummingbird", condition: engineAPI),
  .product(name: "HummingbirdTLS", package: "hummingbird", condition: engineAPI),
]
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio", condition: networking)
let httpTypes: Target.Dependency =
  .product(name: "HTTPTypes", package: "swift-http-types", condition: engineAPI)
let httpClient: Target.Dependency =
  .product(name: "AsyncHTTPClient", package: "async-http-client", condition: engineAPI)
let engineClient: Target.Dependency =
  .product(name: "AsyncHTTPClient", package: "async-http-client", condition: dockerRuntime)
let yams: Target.Dependency = .product(name: "Yams", package: "Yams", condition: compose)
let argumentParser: Target.Dependency =
  .product(name: "ArgumentParser", package: "swift-argument-parser", condition: engineAPI)

// MARK: - Targets

let package = Package(
  name: "swift-swarm",
  products: products,
  traits: [
    .default(enabledTraits: ["Networking", "Security", "SwarmKitProtocol", "EngineAPI", "DockerRuntime", "Compose"]),
    .trait(name: "Networking", description: "RaftNIO: event loops and sockets on SwiftNIO."),
    .trait(
      name: "Security",
      description: "SwarmIdentity; mutual TLS and encryption at rest of RaftNIO; AEAD of GossipNIO.",
      enabledTraits: ["Networking"]
    ),
    .trait(
      name: "SwarmKitProtocol",
      description: "SwarmWire, SwarmAgent and Swarm: SwarmKit's gRPC protocol between nodes.",
      enabledTraits: ["Networking", "Security"]
    ),
    .trait(
      name: "EngineAPI",
      description: "EngineAPI, swarmctl and the node executables: Docker's HTTP API.",
      enabledTraits: ["SwarmKitProtocol"]
    ),
    .trait(
      name: "DockerRuntime",
      description: "DockerRuntime and, with EngineAPI, the node executables: tasks as containers of a Docker Engine.",
      enabledTraits: ["SwarmKitProtocol"]
    ),
    .trait(name: "Compose", description: "Compose and, with EngineAPI, swarmctl: compose files as stacks."),
  ],
  dependencies: dependencies,
  targets: [
    // Cores
    .target(name: "Raft", dependencies: [collections[0], collections[1]]),
    .target(name: "Gossip", dependencies: [collections[0]]),
    .target(name: "SwarmModel"),
    .target(name: "SwarmControl", dependencies: ["SwarmModel"] + collections),

    // Drivers
    .target(name: "SwarmSockets", dependencies: nio),
    .target(name: "RaftNIO", dependencies: ["Raft", "SwarmSockets", logging, metrics, lifecycle, nioSSL, nioTLS, crypto] + nio),
    .target(name: "GossipNIO", dependencies: ["Gossip", "SwarmSockets", crypto, logging, lifecycle] + nio),
    .target(name: "SwarmKitProtobuf", dependencies: grpc, exclude: ["Protos"]),
    .target(name: "CProcessMemory"),
    .target(name: "SwarmIdentity", dependencies: ["SwarmModel", "CProcessMemory"] + certificates),
    .target(
      name: "SwarmWire",
      dependencies: [
        "SwarmModel", "SwarmControl", "SwarmIdentity", "SwarmKitProtobuf", "SwarmSockets", logging, nioSSL, nioTLS,
      ] + nio + grpc
    ),
    .target(
      name: "SwarmAgent",
      dependencies: ["SwarmModel", "SwarmControl", "SwarmIdentity", "SwarmWire", logging, lifecycle] + nio
    ),
    .target(name: "CProcessShim"),
    .target(name: "ProcessRuntime", dependencies: ["SwarmAgent", "SwarmModel", "CProcessShim", logging]),
    .target(
      name: "DockerRuntime",
      dependencies: ["SwarmAgent", "SwarmModel", "EngineSchema", engineClient, collections[0], logging, nioHTTP1] + nio
    ),
    .target(
      name: "Swarm",
      dependencies: [
        "Raft", "RaftNIO", "Gossip", "GossipNIO", "SwarmModel", "SwarmControl", "SwarmIdentity", "SwarmWire", "SwarmAgent",
        logging, lifecycle, nioSSL,
      ] + nio
    ),

    // Edges
    .target(name: "EngineSchema"),
    .target(
      name: "EngineAPI",
      dependencies: [
        "EngineSchema", "Swarm", "SwarmAgent", "SwarmModel", "SwarmSockets", hummingbird, httpTypes, logging, lifecycle, nioSSL,
        collections[0], nioHTTP1,
      ] + nio + hummingbirdTLS
    ),
    .target(name: "Compose", dependencies: ["EngineSchema", yams]),
    .target(
      name: "SwarmCommands",
      dependencies: ["Compose", "EngineSchema", httpClient, argumentParser, nioHTTP1, nioSSL] + nio
    ),
    .executableTarget(name: "swarmctl", dependencies: ["SwarmCommands"]),

    // The simulator
    .target(name: "SwarmSimulator", dependencies: ["Raft", "Gossip", "SwarmModel", "SwarmControl"] + collections),
    .executableTarget(name: "swarm-simulator", dependencies: ["SwarmSimulator", argumentParser]),

    // Examples
    .target(
      name: "NodeCommand",
      dependencies: [
        "Swarm", "SwarmAgent", "SwarmIdentity", "SwarmModel", "EngineAPI", "ProcessRuntime", "DockerRuntime", argumentParser,
        logging, lifecycle,
        .product(name: "UnixSignals", package: "swift-service-lifecycle", condition: engineAPI),
      ],
      path: "Examples/NodeCommand"
    ),
    .executableTarget(name: "swarm-manager", dependencies: ["NodeCommand"], path: "Examples/swarm-manager"),
    .executableTarget(name: "swarm-worker", dependencies: ["NodeCommand"], path: "Examples/swarm-worker"),
    .target(name: "ProcessCluster", dependencies: ["EngineSchema", httpClient] + nio, path: "Examples/ProcessCluster"),
    .executableTarget(
      name: "swarm-demo",
      dependencies: ["NodeCommand", "ProcessCluster", "EngineSchema"],
      path: "Examples/swarm-demo"
    ),
    .executableTarget(
      name: "replicated-counter",
      dependencies: ["Raft", "RaftNIO", logging] + nio,
      path: "Examples/replicated-counter"
    ),
    .executableTarget(
      name: "embedded-tasks",
      dependencies: ["Swarm", "SwarmAgent", "SwarmModel", logging],
      path: "Examples/embedded-tasks"
    ),

    // Benchmarks
    .target(name: "BenchmarkKit", path: "Benchmarks/BenchmarkKit"),
    .executableTarget(
      name: "raft-benchmark",
      dependencies: ["BenchmarkKit", "Raft", "RaftNIO", argumentParser, logging, nioSSL] + nio,
      path: "Benchmarks/raft-benchmark"
    ),
    .target(name: "AllocationCounter", path: "Benchmarks/AllocationCounter"),
    .executableTarget(
      name: "raft-allocations",
      dependencies: ["AllocationCounter", "Raft"],
      path: "Benchmarks/raft-allocations"
    ),
    .executableTarget(
      name: "swarm-benchmark",
      dependencies: [
        "BenchmarkKit", "Swarm", "SwarmAgent", "SwarmControl", "SwarmModel", "ProcessRuntime", argumentParser, logging,
      ],
      path: "Benchmarks/swarm-benchmark"
    ),
    .executableTarget(
      name: "port-benchmark",
      dependencies: [
        "BenchmarkKit", "SwarmWire", "SwarmIdentity", "SwarmControl", "SwarmModel", argumentParser, logging, nioSSL,
      ] + nio,
      path: "Benchmarks/port-benchmark"
    ),
    .executableTarget(
      name: "gossip-benchmark",
      dependencies: ["BenchmarkKit", "Gossip", "GossipNIO", "SwarmSimulator", argumentParser, logging] + nio,
      path: "Benchmarks/gossip-benchmark"
    ),
    .executableTarget(
      name: "scheduler-benchmark",
      dependencies: ["BenchmarkKit", "Raft", "RaftNIO", "SwarmControl", "SwarmModel", argumentParser, logging] + nio,
      path: "Benchmarks/scheduler-benchmark"
    ),

    // Tests
    .target(name: "TestTraits", path: "Tests/TestTraits"),
    .target(
      name: "APIFuzzing",
      dependencies: ["EngineAPI", "EngineSchema", "Swarm", "SwarmAgent", "SwarmModel", hummingbird, httpTypes, logging] + nio,
      path: "Tests/APIFuzzing"
    ),
    .executableTarget(
      name: "api-fuzz",
      dependencies: ["APIFuzzing", "EngineAPI", "Swarm", "SwarmModel"],
      path: "Tests/api-fuzz"
    ),
    .target(name: "TestEngines", path: "Tests/TestEngines"),
    .testTarget(name: "RaftTests", dependencies: ["Raft", "TestTraits"]),
    .testTarget(name: "SwarmSimulatorTests", dependencies: ["SwarmSimulator", "Raft", "swarm-simulator", "TestTraits"]),
    .executableTarget(
      name: "raft-disk-writer",
      dependencies: ["Raft", "RaftNIO", logging] + nio,
      path: "Tests/raft-disk-writer"
    ),
    .testTarget(
      name: "RaftNIOTests",
      dependencies: [
        "RaftNIO", "Raft", "raft-disk-writer", logging, metrics, nioSSL, "TestTraits",
        .product(name: "MetricsTestKit", package: "swift-metrics", condition: networking),
      ] + nio
    ),
    .testTarget(name: "GossipTests", dependencies: ["Gossip", "SwarmSimulator", "TestTraits"]),
    .testTarget(name: "GossipNIOTests", dependencies: ["GossipNIO", "Gossip", "TestTraits", logging] + nio),
    .testTarget(name: "SwarmModelTests", dependencies: ["SwarmModel"]),
    .testTarget(name: "SwarmIdentityTests", dependencies: ["SwarmIdentity", "SwarmModel"]),
    .testTarget(
      name: "SwarmControlTests",
      dependencies: ["SwarmControl", "SwarmModel", "TestTraits"],
      exclude: ["README.md"]
    ),
    .testTarget(
      name: "SwarmWireTests",
      dependencies: [
        "SwarmWire", "SwarmIdentity", "SwarmKitProtobuf", "SwarmModel", "SwarmControl", "TestTraits", logging, nioSSL,
        .product(name: "NIOEmbedded", package: "swift-nio", condition: networking),
      ] + nio + grpc
    ),
    .testTarget(name: "SwarmAgentTests", dependencies: ["SwarmAgent", "SwarmModel", "SwarmControl", logging]),
    .testTarget(
      name: "ProcessRuntimeTests",
      dependencies: ["ProcessRuntime", "SwarmAgent", "SwarmModel", "TestTraits", logging]
    ),
    .testTarget(
      name: "DockerRuntimeTests",
      dependencies: ["DockerRuntime", "SwarmAgent", "SwarmModel", "TestEngines", "TestTraits", logging, nioHTTP1] + nio
    ),
    .testTarget(
      name: "SwarmTests",
      dependencies: [
        "Raft", "Swarm", "SwarmAgent", "SwarmControl", "SwarmIdentity", "SwarmModel", "SwarmWire", "ProcessRuntime",
        "TestEngines",
        "TestTraits", logging,
      ]
    ),
    .testTarget(
      name: "EngineAPITests",
      dependencies: [
        "APIFuzzing", "EngineAPI", "EngineSchema", "SwarmCommands", "Swarm", "SwarmAgent", "SwarmModel", "TestEngines",
        "TestTraits", httpClient, logging, nioHTTP1,
      ] + nio
    ),
    .testTarget(name: "ComposeTests", dependencies: ["Compose", "EngineSchema"]),
    .testTarget(
      name: "CommandLineTests",
      dependencies: ["Compose", "SwarmCommands", "EngineSchema", argumentParser, nioHTTP1] + nio
    ),
    .testTarget(
      name: "NodeProcessTests",
      dependencies: ["ProcessCluster", "EngineSchema", "TestTraits", "swarm-manager", "swarm-worker", "swarmctl"]
    ),
    .testTarget(name: "PackageTests"),
  ],
  swiftLanguageModes: [.v6]
)

// MARK: - Fuzzing

// What reads bytes from outside, with libFuzzer. Not part of other builds: sanitizers are unsafe flags.
if Context.environment["FUZZING"] != nil {
  let fuzz = Target.executableTarget(
    name: "fuzz",
    dependencies: ["Raft", "RaftNIO", "Gossip"] + nio,
    path: "Tests/Fuzzing",
    exclude: ["Corpora"]
  )
  package.targets.append(fuzz)
  let sanitizers = ["-sanitize=fuzzer,address"]
  for target in package.targets where ["Raft", "RaftNIO", "Gossip", "fuzz"].contains(target.name) {
    target.swiftSettings = [.unsafeFlags(sanitizers)]
  }
  fuzz.linkerSettings = [.unsafeFlags(sanitizers)]
}

// MARK: - Settings

// Generated code is compiled as it comes, and C as C.
let plain = ["SwarmKitProtobuf", "CProcessShim", "CProcessMemory", "AllocationCounter"]
for target in package.targets where target.type != .system && !plain.contains(target.name) {
  target.swiftSettings =
    (target.swiftSettings ?? []) + [
      .enableUpcomingFeature("ExistentialAny"),
      .enableUpcomingFeature("InternalImportsByDefault"),
      .enableUpcomingFeature("MemberImportVisibility"),
      .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
      .enableUpcomingFeature("InferIsolatedConformances"),
      .enableUpcomingFeature("ImmutableWeakCaptures"),
      .strictMemorySafety(),
    ]
  if Context.environment["WARNINGS_AS_ERRORS"] != nil {
    target.swiftSettings?.append(.treatAllWarnings(as: .error))
  }
  // Bugs of others, one of which at a time can be woken to see whether the simulator finds it.
  let withBugs = ["Raft", "SwarmControl", "SwarmSimulator", "swarm-simulator"]
  if Context.environment["PLANTED_BUGS"] != nil, withBugs.contains(target.name) {
    target.swiftSettings?.append(.define("PLANTED_BUGS"))
  }
}
