// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl service create`.
struct ServiceCreateCommand: PlannableCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "create",
    abstract: "Create a service.",
    usage: "swarmctl service create [OPTIONS] IMAGE [COMMAND] [ARG...]"
  )

  // Side by side and not one in another: each level of nesting multiplies the time that parsing takes.
  @OptionGroup var flags: ServiceCreateFlags
  @OptionGroup var task: TaskFlags
  @OptionGroup var container: ContainerFlags
  @OptionGroup var health: HealthFlags
  @OptionGroup var rollout: RolloutFlags
  @OptionGroup var attachments: AttachmentFlags
  @OptionGroup var conduct: ConductFlags
  @OptionGroup var waiting: WaitFlags

  @Argument(parsing: .captureForPassthrough, help: ArgumentHelp("The image, and what is handed to it.", valueName: "image"))
  var operands: [String] = []

  func check() throws {
    guard let first = self.operands.first else { return try require([], of: "service create") }
    // What follows the flags is captured as it comes, so a question for help arrives here.
    if ["--help", "-h"].contains(first) { throw HelpText(text: Swarmctl.helpMessage(for: Self.self)) }
    guard !first.hasPrefix("-") else {
      throw CommandFailure("unknown flag: \(first)", hint: "See 'swarmctl service create --help'.", exitCode: 125)
    }
    // Whether the flags make sense doesn't depend on values of variables.
    _ = try self.spec(environment: [:])
  }

  func run(in session: CommandSession) async throws {
    let spec = try await self.attached(in: session)
    let registryAuth = try session.registryAuth(for: spec, wanted: self.attachments.withRegistryAuth)
    let created = try await session.client.createService(spec, registryAuth: registryAuth)
    if let warning = created.warning, !warning.isEmpty { session.console.complain("WARNING: \(warning)") }
    let id = created.id ?? ""
    session.console.print(id)
    try await self.waiting.wait(for: [id], in: session)
  }

  func plannedChanges(in session: CommandSession) async throws -> [Engine.PlannedChange] {
    [.create(try await self.attached(in: session))]
  }

  private func attached(in session: CommandSession) async throws -> Engine.ServiceSpec {
    try await self.attachments.apply(to: self.spec(environment: session.environment), in: session.client)
  }

  func spec(environment: [String: String]) throws(CommandFailure) -> Engine.ServiceSpec {
    var spec = try self.flags.spec(
      image: self.operands.first ?? "",
      arguments: Array(self.operands.dropFirst()),
      environment: environment,
      task: self.task,
      container: self.container,
      health: self.health,
      rollout: self.rollout
    )
    try self.conduct.apply(to: &spec)
    return spec
  }
}

/// The command `swarmctl service update`.
struct ServiceUpdateCommand: PlannableCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "update", abstract: "Change a service.")

  @OptionGroup var flags: ServiceUpdateFlags
  @OptionGroup var task: TaskFlags
  @OptionGroup var container: ContainerFlags
  @OptionGroup var health: HealthFlags
  @OptionGroup var rollout: RolloutFlags
  @OptionGroup var attachments: AttachmentFlags
  @OptionGroup var conduct: ConductFlags
  @OptionGroup var waiting: WaitFlags

  @Flag(inversion: .prefixedNo, help: "Go back to the previous specification.")
  var rollback = false

  @Argument(help: "The service.")
  var service: [String] = []

  func check() throws {
    try require(self.service, of: "service update")
    guard self.service.count == 1 else { throw CommandFailure("'swarmctl service update' requires 1 argument") }
    guard try !self.rollback || self.flagsOfChanges == Self.parse(self.service).flagsOfChanges else {
      throw CommandFailure("other flags may not be combined with --rollback")
    }
  }

  func run(in session: CommandSession) async throws {
    let reference = self.service.first ?? ""
    let sendsAuth = self.attachments.withRegistryAuth
    try await session.changeService(reference, rollback: self.rollback, withRegistryAuth: sendsAuth) {
      try await self.attached(to: $0, in: session)
    }
    session.console.print(reference)
    try await self.waiting.wait(for: [reference], in: session)
  }
}

extension ServiceUpdateCommand {
  func plannedChanges(in session: CommandSession) async throws -> [Engine.PlannedChange] {
    let reference = self.service.first ?? ""
    guard !self.rollback else { return [.rollback(reference)] }
    let spec = try await session.client.service(reference).spec ?? Engine.ServiceSpec()
    return [.update(reference, try await self.attached(to: spec, in: session))]
  }

  /// All flags but those about rolling back and waiting, as text: the parser's wrappers can't be compared.
  ///
  /// What the flags would do to a specification doesn't tell, for to take away what isn't there does nothing.
  private var flagsOfChanges: String {
    String(describing: (self.flags, self.task, self.container, self.health, self.rollout, self.attachments, self.conduct))
  }

  private func attached(to spec: Engine.ServiceSpec, in session: CommandSession) async throws -> Engine.ServiceSpec {
    try await self.attachments.apply(to: self.applied(to: spec, environment: session.environment), in: session.client)
  }

  /// The specification with the changes that the flags ask for.
  func applied(
    to spec: Engine.ServiceSpec,
    environment: [String: String]
  ) throws(CommandFailure) -> Engine.ServiceSpec {
    var spec = try self.flags.applied(
      to: spec,
      environment: environment,
      task: self.task,
      container: self.container,
      health: self.health,
      rollout: self.rollout
    )
    try self.conduct.apply(to: &spec)
    return spec
  }
}

/// The command `swarmctl service rollback`.
struct ServiceRollbackCommand: PlannableCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Go back to a service's previous specification."
  )

  @OptionGroup var waiting: WaitFlags

  @Argument(help: "The service.")
  var service: [String] = []

  func check() throws {
    try require(self.service, of: "service rollback")
    guard self.service.count == 1 else { throw CommandFailure("'swarmctl service rollback' requires 1 argument") }
  }

  func plannedChanges(in session: CommandSession) async throws -> [Engine.PlannedChange] { self.service.map { .rollback($0) } }

  func run(in session: CommandSession) async throws {
    let reference = self.service.first ?? ""
    try await session.changeService(reference, rollback: true) { $0 }
    session.console.print(reference)
    try await self.waiting.wait(for: [reference], in: session)
  }
}

/// The command `swarmctl service scale`.
struct ServiceScaleCommand: PlannableCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "scale", abstract: "Change how many tasks services have.")

  @OptionGroup var waiting: WaitFlags

  @Argument(help: ArgumentHelp("Services and their numbers of tasks.", valueName: "service=replicas"))
  var scales: [String] = []

  func check() throws {
    try require(self.scales, of: "service scale")
    for scale in self.scales { _ = try Self.parse(scale) }
  }

  func run(in session: CommandSession) async throws {
    var (done, failed) = ([String](), false)
    for text in self.scales {
      let (reference, replicas) = try Self.parse(text)
      do {
        try await session.changeService(reference) { try Self.scaled($0, to: replicas) }
        session.console.print("\(reference) scaled to \(replicas)")
        done.append(reference)
      } catch {
        guard let failure = (error as? DaemonError)?.commandFailure ?? error as? CommandFailure else { throw error }
        session.console.complain("\(reference): \(failure)")
        failed = true
      }
    }
    try await self.waiting.wait(for: done, in: session)
    if failed { throw CommandFailure("") }
  }

  func plannedChanges(in session: CommandSession) async throws -> [Engine.PlannedChange] {
    var changes: [Engine.PlannedChange] = []
    for text in self.scales {
      let (reference, replicas) = try Self.parse(text)
      let spec = try await session.client.service(reference).spec ?? Engine.ServiceSpec()
      changes.append(.update(reference, try Self.scaled(spec, to: replicas)))
    }
    return changes
  }

  private static func scaled(_ spec: Engine.ServiceSpec, to replicas: UInt64) throws(CommandFailure) -> Engine.ServiceSpec {
    guard spec.mode?.replicated != nil || spec.mode?.replicatedJob != nil else {
      throw CommandFailure("scale can only be used with replicated or replicated-job mode")
    }
    var scaled = spec
    scaled.mode = try ServiceUpdateFlags.mode(spec.mode, replicas: replicas)
    return scaled
  }

  /// Reads `web=3`.
  static func parse(_ text: String) throws(CommandFailure) -> (reference: String, replicas: UInt64) {
    let (reference, number) = KeyValues.split(text)
    guard let number, !reference.isEmpty, !number.isEmpty else {
      throw CommandFailure("invalid scale specifier '\(text)'.", hint: "See 'swarmctl service scale --help'.")
    }
    guard let replicas = UInt64(number) else {
      throw CommandFailure("\(reference): invalid replicas value \(number): it must be a whole number of 0 or more")
    }
    return (reference, replicas)
  }
}

/// The command `swarmctl service rm`.
struct ServiceRemoveCommand: PlannableCommand, LocallyChecked {
  static let configuration = CommandConfiguration(commandName: "rm", abstract: "Remove services.", aliases: ["remove"])

  @Argument(help: "The services.")
  var services: [String] = []

  func check() throws { try require(self.services, of: "service rm") }

  func plannedChanges(in session: CommandSession) async throws -> [Engine.PlannedChange] { self.services.map { .remove($0) } }

  func run(in session: CommandSession) async throws {
    try await session.forEach(self.services) { reference in
      try await session.client.removeService(reference)
      session.console.print(reference)
    }
  }
}

extension CommandSession {
  /// Reads a service, changes its specification and writes it back.
  fileprivate func changeService(
    _ reference: String,
    rollback: Bool = false,
    withRegistryAuth: Bool = false,
    _ change: (Engine.ServiceSpec) async throws -> Engine.ServiceSpec
  ) async throws {
    let service = try await self.client.service(reference)
    let current = service.spec ?? Engine.ServiceSpec()
    let spec = rollback ? current : try await change(current)
    let updated = try await self.client.updateService(
      service.id ?? reference,
      version: service.version?.index ?? 0,
      spec: spec,
      rollback: rollback,
      registryAuth: self.registryAuth(for: spec, wanted: withRegistryAuth && !rollback)
    )
    for warning in updated.warnings ?? [] { self.console.complain("WARNING: \(warning)") }
  }
}

extension Engine.PlannedChange {
  static func create(_ spec: Engine.ServiceSpec) -> Self {
    var change = Self()
    change.create = spec
    return change
  }

  static func update(_ reference: String, _ spec: Engine.ServiceSpec) -> Self {
    var change = Self()
    change.update = Engine.PlannedUpdate()
    change.update?.service = reference
    change.update?.spec = spec
    return change
  }

  static func rollback(_ reference: String) -> Self {
    var change = Self()
    change.rollback = reference
    return change
  }

  static func remove(_ reference: String) -> Self {
    var change = Self()
    change.remove = reference
    return change
  }
}
