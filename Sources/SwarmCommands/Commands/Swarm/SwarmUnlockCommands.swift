// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl swarm unlock`.
struct SwarmUnlockCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock",
    abstract: "Unlock a manager that was restarted; the key is read from standard input."
  )

  func run(in session: CommandSession) async throws {
    switch try await session.client.info().swarm?.localNodeState {
    case "inactive": throw CommandFailure("Error: This node is not part of a swarm")
    case "locked": break
    default: throw CommandFailure("Error: swarm is not locked")
    }
    // Not an argument: everybody on the machine may read those.
    let input = String(decoding: try StandardFile.contents(of: "-"), as: UTF8.self)
    try await session.client.unlock(input.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? "")
  }
}

/// The command `swarmctl swarm unlock-key`.
struct SwarmUnlockKeyCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "unlock-key",
    abstract: "Show the key that managers are unlocked with, or make another one."
  )

  @Flag(inversion: .prefixedNo, help: "Make a new key.")
  var rotate = false

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Print the key only.")
  var quiet = false

  func run(in session: CommandSession) async throws {
    if self.rotate {
      let swarm = try await session.client.swarm()
      guard swarm.spec?.encryptionConfig?.autoLockManagers ?? false else {
        throw CommandFailure("cannot rotate because autolock is not turned on")
      }
      try await session.client.updateSwarm(
        version: swarm.version?.index ?? 0,
        [("rotateManagerUnlockKey", "true")],
        spec: swarm.spec ?? Engine.SwarmSpec()
      )
      if !self.quiet { session.console.print("Successfully rotated manager unlock key.\n") }
    }
    let key = try await session.client.unlockKey()
    guard !key.isEmpty else { throw CommandFailure("no unlock key is set") }
    if self.quiet { session.console.print(key) } else { UnlockHint(key: key).show(in: session) }
  }
}

/// The lines that tell how to unlock a manager.
struct UnlockHint: Sendable {
  var key: String

  func show(in session: CommandSession) {
    session.console.print(
      """
      To unlock a swarm manager after it restarts, run the `swarmctl swarm unlock`
      command and provide the following key:

          \(self.key)

      Please remember to store this key in a password manager, since without it you
      will not be able to restart the manager.
      """
    )
  }
}
