// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Foundation
internal import Glibc
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import NIOSSL
internal import Raft
internal import RaftNIO
internal import Synchronization

/// One member in a process of its own; `--mode process` starts them.
struct MemberCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "member", shouldDisplay: false)

  @Option var directory: String
  @Option var certificates: String
  @Option var member: UInt64
  @Option var nodes: Int
  @Option var storage: Storage
  @Option var op: Operation
  @Option var electionTimeout: Int

  func run() async throws {
    let certificates = Certificates(in: self.certificates)
    let settings = GroupSettings(
      mode: .process,
      storage: self.storage,
      operation: self.op,
      members: self.nodes,
      loops: 1,
      electionTimeout: .milliseconds(self.electionTimeout),
      directory: self.directory
    )
    let places = SharedPorts()
    var configuration = RaftNodeConfiguration(
      directory: "\(self.directory)/\(self.member)",
      clusterID: "benchmark",
      member: RaftID(self.member),
      start: .bootstrap([[UInt8]](repeating: [], count: self.nodes)),
      listen: PeerAddress(host: "127.0.0.1", port: 0),
      raft: settings.raft,
      network: .mutualTLS(try certificates.mutualTLS),
      address: { places[$0.id] }
    )
    configuration.durability = self.storage.durability
    let eventLoop = MultiThreadedEventLoopGroup(numberOfThreads: 1).next()
    let node = RaftNode(
      configuration: configuration,
      machine: CountingMachine(),
      eventLoop: eventLoop,
      logger: Logger(label: "member") { _ in SwiftLogNoOpLogHandler() }
    )
    let tls = try certificates.server
    let clients = try await ServerBootstrap(group: eventLoop)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([NIOSSLServerHandler(context: tls), ClientServer(node)])
        }
      }
      .bind(host: "127.0.0.1", port: 0)
      .get()
    let running = Task { try await node.run() }
    guard let port = try await node.listeningAddress()?.port, let clientPort = clients.localAddress?.port else {
      throw BenchmarkError("member \(self.member) doesn't listen")
    }
    try FileHandle.standardOutput.write(contentsOf: Data("\(port) \(clientPort)\n".utf8))
    // The parent tells everybody's ports, then holds the pipe open for as long as the member is to live.
    Thread.detachNewThread {
      places.set((readLine() ?? "").split(separator: " ").compactMap { Int($0) })
      while readLine() != nil {}
      Glibc.exit(0)
    }
    try await running.value
  }
}

/// Where the members listen, once the parent has said so.
private final class SharedPorts: Sendable {
  private let ports = Mutex<[Int]>([])

  func set(_ ports: [Int]) { self.ports.withLock { $0 = ports } }

  subscript(member: RaftID) -> PeerAddress? {
    self.ports.withLock { ports in
      let position = Int(member.rawValue) - 1
      return ports.indices.contains(position) ? PeerAddress(host: "127.0.0.1", port: ports[position]) : nil
    }
  }
}
