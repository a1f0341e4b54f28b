// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
internal import EngineAPI
internal import Glibc
internal import Logging
internal import ServiceLifecycle
internal import Swarm
internal import SwarmAgent
internal import SwarmIdentity
internal import SwarmModel
internal import UnixSignals

/// What a node does when its state directory holds no swarm yet.
public enum Beginning: Sendable {
  /// Start a new swarm.
  case initialize
  /// Join one; the token decides about the role.
  case join
  /// Wait for init or join through the API.
  case idle
  /// Refuse: there is nothing to resume.
  case resume
}

/// A program that runs one swarm node with the Docker Engine API in front of it.
public protocol NodeCommand: ParsableCommand, Sendable {
  /// The node's flags.
  var options: NodeOptions { get }
  /// What to do without a swarm in the state directory.
  var beginning: Beginning { get }
}

extension NodeCommand {
  /// Parses the command line, runs the node until a signal ends it, and exits: 0 after a signal, 64 for bad flags, 1 for everything else.
  public static func runToExit() async -> Never {
    let command: Self
    do {
      command = try Self.parse()
    } catch {
      if Self.exitCode(for: error) == .success {
        print(Self.fullMessage(for: error))
        Glibc.exit(0)
      }
      Self.complain(Self.message(for: error))
      Glibc.exit(64)
    }
    do {
      try await command.runNode()
      Glibc.exit(0)
    } catch {
      Self.complain(Self.sentence(for: error))
      Glibc.exit(1)
    }
  }

  private static func complain(_ message: String) {
    let line = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    FileHandleOutput.standardError.write("\(Self.configuration.commandName ?? "node"): \(line)\n")
  }

  private static func sentence(for error: any Error) -> String {
    switch error {
    case let error as SwarmError: error.message
    case let error as EngineAPIError: error.message
    case let error as RuntimeError: error.message
    default: "\(error)"
    }
  }

  private func runNode() async throws {
    // Keys and secrets of the swarm will be in this process's memory.
    try ProcessMemory.forbidDumps()
    LoggingSystem.bootstrap { StreamLogHandler.standardError(label: $0) }
    var logger = Logger(label: "swarm")
    logger.logLevel = self.options.logLevel.level

    let configuration = try self.options.configuration()
    let node = SwarmNode(
      configuration: configuration,
      runtime: self.options.runtime.runtime(logger: logger),
      logger: logger
    )
    try node.open()
    if case .resume = self.beginning, node.local.state == .inactive {
      throw SwarmError(
        code: .invalidArgument,
        message: "\(configuration.stateDirectory) holds no swarm to resume: say which one to join with --join HOST:PORT"
      )
    }

    let (endpoints, listening) = AsyncStream<[EngineEndpoint]>.makeStream()
    let api = try EngineAPIServer(
      node: node,
      configuration: EngineAPIConfiguration(
        endpoints: self.options.endpoints(stateDirectory: configuration.stateDirectory).map(EngineEndpoint.init),
        tls: self.options.apiTLS,
        allowsRemotePlainText: self.options.insecureApi,
        hostname: self.options.hostname
      ),
      logger: logger
    ) { listening.yield($0) }
    let opening = Opening(node: node, endpoints: endpoints, beginning: self.beginning, options: self.options)
    try await ServiceGroup(
      configuration: ServiceGroupConfiguration(
        services: [.init(service: node), .init(service: api), .init(service: opening)],
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: logger
      )
    ).run()
  }
}
