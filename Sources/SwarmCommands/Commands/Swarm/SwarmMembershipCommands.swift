// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl swarm join`.
struct SwarmJoinCommand: SessionCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "join", abstract: "Join a swarm.")

  @Option(parsing: .unconditional, help: "Where other nodes reach this one, HOST[:PORT].")
  var advertiseAddr = ""

  @Option(parsing: .unconditional, help: "The node-to-node port, HOST:PORT.")
  var listenAddr = "0.0.0.0:2377"

  @Option(parsing: .unconditional, help: "Whether the node takes tasks: active, pause or drain.")
  var availability = ""

  @Option(parsing: .unconditional, help: "The token that decides the role; without one, the node joins as a worker.")
  var token = ""

  @OptionGroup var path: DataPathFlags

  /// Docker had it once.
  @Flag(inversion: .prefixedNo, help: .hidden)
  var manager = false

  @Argument(help: "Managers of the swarm, HOST:PORT.")
  var managers: [String] = []

  func check() throws {
    try require(self.managers, of: "swarm join")
    guard !self.manager else {
      throw CommandFailure(
        "unknown flag: --manager",
        hint: "The token decides the role: 'swarmctl swarm join-token manager', on a manager, prints the command.",
        exitCode: 125
      )
    }
  }

  func run(in session: CommandSession) async throws {
    var request = Engine.JoinRequest()
    request.listenAddr = self.listenAddr
    request.advertiseAddr = self.advertiseAddr
    request.availability = self.availability
    request.joinToken = self.token
    request.remoteAddrs = self.managers
    request.dataPathAddr = self.path.dataPathAddr
    try await session.client.join(request)
    let isManager = try await session.client.info().swarm?.controlAvailable ?? false
    session.console.print("This node joined a swarm as a \(isManager ? "manager" : "worker").")
  }
}

/// The command `swarmctl swarm join-token`.
struct SwarmJoinTokenCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "join-token", abstract: "Show how to add a node.")

  @Flag(inversion: .prefixedNo, help: "Make a new token.")
  var rotate = false

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Print the token only.")
  var quiet = false

  @Argument(help: "worker or manager.")
  var role: [String] = []

  func run(in session: CommandSession) async throws {
    try require(self.role, of: "swarm join-token")
    guard let role = self.role.first, ["worker", "manager"].contains(role), self.role.count == 1 else {
      throw CommandFailure("unknown role \(self.role.joined(separator: " "))")
    }
    if self.rotate {
      let swarm = try await session.client.swarm()
      try await session.client.updateSwarm(
        version: swarm.version?.index ?? 0,
        [(role == "worker" ? "rotateWorkerToken" : "rotateManagerToken", "true")],
        spec: swarm.spec ?? Engine.SwarmSpec()
      )
      if !self.quiet { session.console.print("Successfully rotated \(role) join token.\n") }
    }
    guard self.quiet else { return try await JoinHint(role: role).show(in: session) }
    let tokens = try await session.client.swarm().joinTokens
    session.console.print((role == "manager" ? tokens?.manager : tokens?.worker) ?? "")
  }
}

/// The command `swarmctl swarm leave`.
struct SwarmLeaveCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "leave", abstract: "Leave the swarm.")

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Leave even if that harms the swarm.")
  var force = false

  func run(in session: CommandSession) async throws {
    try await session.client.leave(force: self.force)
    session.console.print("Node left the swarm.")
  }
}

/// The command `swarmctl swarm update`.
struct SwarmUpdateCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "update", abstract: "Change the swarm's settings.")

  @OptionGroup var settings: SwarmSettings

  func run(in session: CommandSession) async throws {
    try self.settings.check()
    guard !self.settings.isEmpty else {
      session.console.print(Swarmctl.helpMessage(for: Self.self))
      return
    }
    let swarm = try await session.client.swarm()
    let spec = self.settings.applied(to: swarm.spec ?? Engine.SwarmSpec())
    try await session.client.updateSwarm(version: swarm.version?.index ?? 0, [], spec: spec)
    session.console.print("Swarm updated.")
    if self.settings.autolock ?? false { UnlockHint(key: try await session.client.unlockKey()).show(in: session) }
  }
}

/// The command `swarmctl swarm inspect`.
struct SwarmInspectCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "inspect", abstract: "Show the swarm's settings.")

  @OptionGroup var flags: InspectFlags

  func run(in session: CommandSession) async throws {
    try await self.flags.show(["swarm"], in: session) { _ in try await session.client.raw("/swarm") }
  }
}
