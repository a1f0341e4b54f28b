// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl swarm ca`.
struct SwarmAuthorityCommand: SessionCommand {
  static let configuration = CommandConfiguration(
    commandName: "ca",
    abstract: "Show the swarm's root certificate, or move to another one."
  )

  @Flag(inversion: .prefixedNo, help: "Move all nodes to another root certificate; without --ca-cert a new one is made.")
  var rotate = false

  @Option(parsing: .unconditional, help: ArgumentHelp("The root certificate to move to, PEM.", valueName: "file"))
  var caCert: String?

  @Option(parsing: .unconditional, help: ArgumentHelp("The key of that certificate, PEM.", valueName: "file"))
  var caKey: String?

  @Option(parsing: .unconditional, help: "How long certificates of nodes are valid, for example 2160h.")
  var certExpiry: DurationValue?

  @Option(parsing: .unconditionalSingleValue, help: .hidden)
  var externalCa: [String] = []

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Don't wait until all nodes have moved.")
  var detach = false

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Don't show how far the nodes are.")
  var quiet = false

  func run(in session: CommandSession) async throws {
    guard self.externalCa.isEmpty else {
      throw CommandFailure("--external-ca: external certificate authorities are not available yet in swift-swarm")
    }
    guard self.rotate else {
      for (flag, isGiven) in [
        ("ca-cert", self.caCert != nil), ("ca-key", self.caKey != nil), ("cert-expiry", self.certExpiry != nil),
      ]
      where isGiven {
        throw CommandFailure("`--\(flag)` flag requires the `--rotate` flag to update the CA")
      }
      return try await Self.show(in: session)
    }
    guard (self.caCert == nil) == (self.caKey == nil) else {
      throw CommandFailure("--ca-cert and --ca-key are needed together")
    }
    let swarm = try await session.client.swarm()
    var spec = swarm.spec ?? Engine.SwarmSpec()
    var authority = spec.caConfig ?? Engine.CAConfig()
    if let certExpiry { authority.nodeCertExpiry = certExpiry.nanoseconds }
    if let caCert, let caKey {
      authority.signingCACert = String(decoding: try StandardFile.contents(of: caCert), as: UTF8.self)
      authority.signingCAKey = String(decoding: try StandardFile.contents(of: caKey), as: UTF8.self)
    } else {
      authority.forceRotate = (authority.forceRotate ?? 0) + 1
    }
    spec.caConfig = authority
    try await session.client.updateSwarm(version: swarm.version?.index ?? 0, [], spec: spec)
    guard !self.detach else { return }
    try await self.wait(in: session)
    try await Self.show(in: session)
  }

  private static func show(in session: CommandSession) async throws {
    guard let root = try await session.client.swarm().tlsInfo?.trustRoot, !root.isEmpty else {
      throw CommandFailure("No CA information available")
    }
    session.console.write(root)
  }

  /// Waits until every node has a certificate of the new root and trusts it.
  private func wait(in session: CommandSession) async throws {
    var shown = ""
    while true {
      let swarm = try await session.client.swarm()
      let nodes = try await session.client.nodes().compactMap { $0.description?.tlsInfo ?? Engine.TLSInfo() }
      let wanted = swarm.tlsInfo
      let isMoving = swarm.rootRotationInProgress ?? false
      let signed = nodes.count { $0.certIssuerPublicKey == wanted?.certIssuerPublicKey }
      let trusting = isMoving ? 0 : nodes.count { $0.trustRoot == wanted?.trustRoot }
      let text =
        "rotated TLS certificates: \(signed)/\(nodes.count) nodes, rotated CA certificates: \(trusting)/\(nodes.count) nodes"
      if text != shown, !self.quiet { session.console.print(text) }
      shown = text
      if !isMoving, signed == nodes.count, trusting == nodes.count { return }
      try await Task.sleep(for: .milliseconds(200))
    }
  }
}
