// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl stack deploy`.
struct StackDeployCommand: PlannableCommand, LocallyChecked {
  static let configuration = CommandConfiguration(
    commandName: "deploy",
    abstract: "Create a stack from compose files, or bring it up to date.",
    aliases: ["up"]
  )

  @OptionGroup var files: ComposeFlags

  @Flag(inversion: .prefixedNo, help: "Remove services of the stack that the files no longer have.")
  var prune = false

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Don't wait until the services have converged.")
  var detach = true

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Don't show the progress.")
  var quiet = false

  @Option(parsing: .unconditional, help: "Docker's always, changed or never; images are taken as they are named.")
  var resolveImage = "always"

  @Flag(inversion: .prefixedNo, help: "Hand the nodes the credentials that docker has for the images' registries.")
  var withRegistryAuth = false

  @Argument(help: "The stack's name.")
  var stack: [String] = []

  func check() throws {
    try require(self.stack, of: "stack deploy")
    guard self.stack.count == 1 else { throw CommandFailure("'swarmctl stack deploy' requires 1 argument") }
    try self.files.check(command: "stack deploy \(self.stack[0])")
    guard ["always", "changed", "never"].contains(self.resolveImage) else {
      throw CommandFailure("Invalid option \(self.resolveImage) for flag --resolve-image")
    }
  }

  func plannedChanges(in session: CommandSession) async throws -> [Engine.PlannedChange] {
    let deployment = StackDeployment(stack: try self.files.stack(self.stack[0], in: session), session: session)
    try await deployment.checkManager()
    return try await deployment.plannedChanges(prune: self.prune)
  }

  func run(in session: CommandSession) async throws {
    let stack = try self.files.stack(self.stack[0], in: session)
    let deployment = StackDeployment(stack: stack, session: session, sendsRegistryAuth: self.withRegistryAuth)
    try await deployment.checkManager()
    if self.prune { try await deployment.prune() }
    let services = try await deployment.deploy()
    guard !self.detach else { return }
    for id in services { try await ServiceWaiter(session: session, reference: id, isQuiet: self.quiet).wait() }
  }
}
