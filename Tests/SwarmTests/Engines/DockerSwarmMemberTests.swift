// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import Swarm
import SwarmAgent
import SwarmModel
import TestEngines
import TestTraits
import Testing

/// A real dockerd in a network namespace, the manager of a node in this process whose tasks are processes.
@Suite(
  "Our worker in a Docker swarm",
  .serialized,
  .takingTurns,
  .timeLimit(.minutes(3)),
  .enabled(if: IsolatedEngine.reason.isEmpty, "\(IsolatedEngine.reason)")
)
struct DockerSwarmMemberTests {
  /// Runs `body` with a worker of ours that has joined the engine's swarm.
  private static func run(
    _ body: @Sendable (_ swarm: TestSwarm, _ worker: RunningNode, _ engine: IsolatedEngine) async throws -> Void
  ) async throws {
    try await IsolatedEngine.with { engine in
      try await TestSwarm.run(host: engine.hostAddress) { swarm in
        try await engine.docker("swarm init --advertise-addr \(engine.address)")
        let token = try await engine.docker("swarm join-token -q worker")
        let worker = swarm.node("ours", runtime: ProcessRuntime())
        try await worker.node.join(JoinRequest(remoteAddresses: ["\(engine.address):2377"], token: token))
        try await engine.docker(Self.nodes, says: "ours Ready Active")
        try await body(swarm, worker, engine)
      }
    }
  }

  /// What docker says of the node.
  private static let nodes = "node ls --filter role=worker --format '{{.Hostname}} {{.Status}} {{.Availability}}'"

  /// Whether some nodes still have to move to the next root.
  private static let isRotating = "info --format '{{.Swarm.Cluster.RootRotationInProgress}}'"

  /// Whose key the manager's certificate is signed with.
  private static let managersIssuer = "node inspect self --format '{{.Description.TLSInfo.CertIssuerPublicKey}}'"

  /// What docker says of a service's tasks that are to run, and where.
  private static func tasks(_ service: String) -> String {
    "service ps \(service) --filter desired-state=running --format '{{.Node}} {{.CurrentState}}' | cut -d' ' -f1,2 | sort | uniq -c | xargs"
  }

  private static func create(_ name: String, _ flags: String = "", _ script: String = forever) -> String {
    """
    service create -d --no-resolve-image --name \(name) \(flags) \(TestEngine.image) sh -c "\(script)"
    """
  }

  @Test("services run on it as processes, fail there, get their secrets, and move away when it is drained")
  func services() async throws {
    try await Self.run { swarm, _, engine in
      try await engine.docker(Self.create("web", "--replicas 4"))
      try await engine.docker(Self.tasks("web"), says: "2 engine Running 2 ours Running")
      try await engine.docker(Self.create("all", "--mode global"))
      try await engine.docker(Self.tasks("all"), says: "1 engine Running 1 ours Running")

      let here = "--constraint node.hostname==ours --restart-condition none"
      try await engine.docker(Self.create("broken", here, "exit 3"))
      try await engine.docker("service ps broken --no-trunc --format '{{.Error}}'", says: "\"task: non-zero exit (3)\"")
      try await engine.docker(Self.create("talk", here, "echo one; echo two >&2; \(forever)"))
      try await engine.docker(Self.tasks("talk"), says: "1 ours Running")
      try await engine.docker("service logs --raw talk 2>&1 | sort | xargs", says: "one two")
      try await engine.docker("secret create password /proc/sys/kernel/ostype")
      let file = "\(swarm.directory)/seen"
      let reading = "cat \\$SWARM_SECRETS/password > \(file).part; mv \(file).part \(file); \(forever)"
      try await engine.docker(Self.create("reader", "\(here) --secret password", reading))
      try await engine.docker(Self.tasks("reader"), says: "1 ours Running")
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "Linux\n")

      try await engine.docker("node update --availability drain ours")
      try await engine.docker(Self.tasks("web"), says: "4 engine Running")
      try await engine.docker(Self.tasks("all"), says: "1 engine Running")
      try await engine.docker("node update --availability active ours")
      try await engine.docker(Self.tasks("all"), says: "1 engine Running 1 ours Running")
    }
  }

  @Test("it renews its certificate, outlives the manager's end and its own, and leaves")
  func lives() async throws {
    try await Self.run { swarm, worker, engine in
      let file = "\(swarm.directory)/started"
      try await engine.docker(Self.create("web", "--constraint node.hostname==ours", "echo started >> \(file); \(forever)"))
      try await engine.docker(Self.tasks("web"), says: "1 ours Running")

      try await worker.node.renewCertificate()
      try await engine.docker("swarm ca --rotate -q -d")
      try await engine.docker(Self.isRotating, says: "false")
      try await engine.kill()
      try await engine.start()
      try await engine.docker(Self.nodes, says: "ours Ready Active")
      await worker.kill()
      let issuer = try await engine.docker(Self.managersIssuer)
      try await engine.docker("swarm ca --rotate -q -d")
      // It comes back while the manager already shows a certificate by the next root, of which it hasn't heard.
      try await engine.docker("\(Self.managersIssuer) | grep -cvxF '\(issuer)'", says: "1")
      let again = swarm.node("ours", runtime: ProcessRuntime())
      try await again.node.ready()
      try await engine.docker(Self.isRotating, says: "false")
      try await engine.docker(Self.tasks("web"), says: "1 ours Running")
      try await engine.docker(Self.create("next", "--constraint node.hostname==ours"))
      try await engine.docker(Self.tasks("next"), says: "1 ours Running")
      // The task of before is the same process still.
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "started\n")

      try await again.node.leave()
      #expect(again.node.local.state == .inactive)
      try await engine.docker("node rm --force ours")
      try await engine.docker(Self.nodes, says: "")
    }
  }
}
