// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft
internal import RaftNIO
internal import Synchronization

/// All members in this process.
final class LocalGroup: Sendable {
  typealias Node = RaftNode<CountingMachine>

  let nodes: [Node]
  private let loops: MultiThreadedEventLoopGroup
  private let tasks: [Task<Void, any Error>]
  private let directory: String

  /// Starts a group, and waits until it has a leader.
  static func start(
    _ settings: GroupSettings,
    machine: (RaftID) -> CountingMachine = { _ in CountingMachine() },
    configure: (inout RaftNodeConfiguration) -> Void = { _ in }
  ) async throws -> (group: LocalGroup, leader: Node) {
    let group = try LocalGroup(settings, machine: machine, configure: configure)
    return (group, try await group.leader())
  }

  private init(
    _ settings: GroupSettings,
    machine: (RaftID) -> CountingMachine,
    configure: (inout RaftNodeConfiguration) -> Void
  ) throws {
    let directory = "\(settings.directory)/raft-benchmark-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    let network: PeerNetwork =
      switch settings.mode {
      case .tls: .mutualTLS(try Certificates.make(in: directory).mutualTLS)
      case .tcp: .tcp
      default: .inProcess(InProcessNetwork())
      }
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: settings.loops)
    let places = Places()
    let contexts = [[UInt8]](repeating: [], count: settings.members)
    let nodes = (1...UInt64(settings.members)).map { id in
      var configuration = RaftNodeConfiguration(
        directory: "\(directory)/\(id)",
        clusterID: "benchmark",
        member: RaftID(id),
        start: .bootstrap(contexts),
        listen: PeerAddress(host: "127.0.0.1", port: 0),
        raft: settings.raft,
        network: network,
        address: { places[$0.id] }
      )
      configuration.durability = settings.storage.durability
      // What isn't written needs no room.
      if settings.storage == .memory { configuration.segmentSize = 64 << 10 }
      configure(&configuration)
      return Node(
        configuration: configuration,
        machine: machine(RaftID(id)),
        eventLoop: loops.next(),
        logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
      )
    }
    self.directory = directory
    self.nodes = nodes
    self.loops = loops
    self.tasks = nodes.map { node in
      Task {
        Task { places.add(node.configuration.member, try await node.listeningAddress()) }
        try await node.run()
      }
    }
  }

  private func leader() async throws -> Node {
    while true {
      for node in self.nodes {
        if let status = try? await node.status(), status.role == .leader, (try? await node.propose([0])) != nil { return node }
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// What all members wrote since they started.
  func written() async throws -> (syncs: Int, bytes: Int) {
    var (syncs, bytes) = (0, 0)
    for node in self.nodes {
      let status = try await node.status()
      syncs += status.log.syncs
      bytes += status.log.bytes
    }
    return (syncs, bytes)
  }

  func stop() async throws {
    for node in self.nodes { await node.shutdown(gracefully: false) }
    for task in self.tasks { _ = await task.result }
    try await self.loops.shutdownGracefully()
    try FileManager.default.removeItem(atPath: self.directory)
  }
}

/// Where members listen, as far as is known.
private final class Places: Sendable {
  private let ports = Mutex<[RaftID: Int]>([:])

  subscript(member: RaftID) -> PeerAddress? {
    self.ports.withLock { $0[member] }.map { PeerAddress(host: "127.0.0.1", port: $0) }
  }

  func add(_ member: RaftID, _ address: SocketAddress?) {
    self.ports.withLock { $0[member] = address?.port }
  }
}

extension Storage {
  var durability: LogDurability {
    switch self {
    case .memory: .none
    case .wal: .synced
    case .walNoSync: .written
    }
  }
}
