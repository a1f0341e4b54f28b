// SPDX-License-Identifier: Apache-2.0

import Foundation
import SwarmAgent
import SwarmControl
import SwarmModel
import TestEngines
import TestTraits
import Testing

@testable import Swarm

/// A real dockerd in a network namespace, a worker of a manager in this process.
@Suite(
  "A Docker Engine as a worker",
  .serialized,
  .takingTurns,
  .timeLimit(.minutes(3)),
  .enabled(if: IsolatedEngine.reason.isEmpty, "\(IsolatedEngine.reason)")
)
struct DockerEngineWorkerTests {
  /// Runs `body` with an engine and, on the same network, a manager that takes no tasks.
  private static func run(
    _ body: @Sendable (_ swarm: TestSwarm, _ manager: SwarmNode, _ engine: IsolatedEngine) async throws -> Void
  ) async throws {
    try await IsolatedEngine.with { engine in
      try await TestSwarm.run(host: engine.hostAddress) { swarm in
        let manager = swarm.node("m1", runtime: nil).node
        try await manager.initialize()
        try await body(swarm, manager, engine)
      }
    }
  }

  @Test("it runs replicated and global tasks with their secrets and configs, and its containers go with the tasks")
  func tasks() async throws {
    try await Self.run { _, manager, engine in
      let id = try await manager.admit(engine)
      let description = try #require(manager.replicatedStore().node(id)?.description)
      #expect(description.hostname == IsolatedEngine.hostname)
      #expect(description.engine?.engineVersion.isEmpty == false)

      let secret = try await manager.secrets.create(
        SecretSpec(annotations: Annotations(name: "password"), data: Array("hidden\n".utf8))
      )
      let config = try await manager.configs.create(
        ConfigSpec(annotations: Annotations(name: "motd"), data: Array("shown\n".utf8))
      )
      let web = service("web", .replicated(replicas: 3), "cat /run/secrets/password /motd; \(forever)") { container in
        let file = FileTarget(name: "password", uid: "0", gid: "0")
        container.secrets = [SecretReference(secretID: secret, secretName: "password", file: file)]
        container.configs = [
          ConfigReference(configID: config, configName: "motd", file: FileTarget(name: "/motd", uid: "0", gid: "0"))
        ]
      }
      try await manager.services.create(web)
      try await manager.services.create(service("all", .global))
      try await manager.wait { $0.running(on: id).count == 4 }
      for task in try manager.replicatedStore().running() where task.serviceAnnotations.name == "web" {
        try await engine.docker("logs web.\(task.slot).\(task.id)", says: "hidden\nshown")
      }
      var lines: [String] = []
      for try await line in try await manager.logs(of: .service("web"), LogOptions(follow: true)) {
        lines.append(line.text)
        if lines.count == 6 { break }
      }
      #expect(lines.sorted() == Array(repeating: "hidden", count: 3) + Array(repeating: "shown", count: 3))

      try await manager.scale("web", to: 1)
      try await engine.docker("ps -aq --filter name=web | wc -l", says: "1")
      try await engine.docker("ps -aq --filter name=all.\(id) | wc -l", says: "1")

      // A network that every engine has: the engine uses its own.
      var near = service("near")
      near.task.networks = [NetworkAttachmentConfig(target: try await manager.networks.get("host").id.description)]
      try await manager.services.create(near)
      try await engine.docker("ps -q --filter name=near --filter network=host | wc -l", says: "1")
      for name in ["web", "all", "near"] { try await manager.services.remove(name) }
      try await engine.docker("ps -aq", says: "")
    }
  }

  @Test("it says why tasks fail and are rejected, and tasks that end are replaced")
  func failures() async throws {
    try await Self.run { _, manager, engine in
      _ = try await manager.admit(engine)
      let once = RestartPolicy(condition: .none)
      try await manager.services.create(service("broken", .replicated(replicas: 1), "exit 3", restart: once))
      try await manager.services.create(service("missing", image: "nowhere:1", restart: once))
      try await manager.wait { store in
        store.tasks().contains { $0.status.state == .failed && $0.status.err == "task: non-zero exit (3)" }
          && store.tasks().contains { $0.status.state == .rejected && $0.status.err == "No such image: nowhere:1" }
      }
      let failed = try #require(manager.replicatedStore().tasks().first { $0.status.state == .failed })
      #expect(failed.status.container?.exitCode == 3)

      let again = RestartPolicy(condition: .any, delay: .zero)
      try await manager.services.create(service("short", .replicated(replicas: 1), "exit 0", restart: again))
      try await manager.wait { store in
        store.tasks().count { $0.serviceAnnotations.name == "short" && $0.status.state == .complete } > 1
      }
    }
  }

  @Test("it is refused what it can't be or have, in sentences that its user reads")
  func refusals() async throws {
    try await Self.run { _, manager, engine in
      let join = try await manager.joinRequest(.manager)
      // Docker tries five times, with pauses of two seconds.
      let manages = try await engine.refusal(of: "swarm join --token \(join.token) \(join.remoteAddresses[0])")
      #expect(manages.contains("a Docker Engine can't be a manager of this swarm: join it with the token for workers"))
      #expect(try manager.replicatedStore().nodes().count == 1)

      let id = try await manager.admit(engine)
      await #expect(
        throws: SwarmError(
          code: .failedPrecondition,
          message: "node \(id) is a Docker Engine, which can be a worker of this swarm, but not a manager"
        )
      ) {
        try await manager.change(id) { $0.desiredRole = .manager }
      }
      let network = NetworkSpec(annotations: Annotations(name: "back"), driverConfig: Driver(name: "overlay"), attachable: true)
      try await manager.networks.create(network)
      let attach = try await engine.refusal(of: "run --rm --network back \(TestEngine.image) true")
      #expect(attach.contains("containers outside of services can't be attached to networks"))
    }
  }

  @Test("beside workers of ours it runs its share of a service, which moves when it dies or is drained, and it comes back")
  func mixed() async throws {
    try await Self.run { swarm, manager, engine in
      let id = try await manager.admit(engine)
      for name in ["w1", "w2"] { try await swarm.node(name).node.join(manager.joinRequest(.worker)) }
      try await manager.services.create(service("web", .replicated(replicas: 6)))
      try await manager.wait { $0.running().count == 6 }
      let shares = try Dictionary(grouping: manager.replicatedStore().running(), by: \.nodeID).mapValues(\.count)
      #expect(shares.count == 3 && shares.values.allSatisfy { $0 == 2 }, "\(shares)")

      try await engine.kill()
      try await manager.wait { $0.node(id)?.status.state == .down && $0.running().count { $0.nodeID != id } == 6 }
      try await engine.start()
      try await manager.wait { $0.node(id)?.status.state == .ready }
      // What ran before runs elsewhere now.
      try await engine.docker("ps -q", says: "")

      try await manager.scale("web", to: 9)
      try await manager.wait { $0.running(on: id).count == 3 && $0.running().count == 9 }
      try await manager.change(id) { $0.availability = .drain }
      try await manager.wait { $0.running().count { $0.nodeID != id } == 9 }
      try await engine.docker("ps -q", says: "")
    }
  }

  @Test("it finds the next leader when one dies, and its tasks don't notice")
  func leaderDies() async throws {
    try await IsolatedEngine.with { engine in
      try await TestSwarm.run(host: engine.hostAddress) { swarm in
        let managers = ["m1", "m2", "m3"].map { swarm.node($0, runtime: nil) }
        let first = managers[0].node
        try await first.initialize()
        for manager in managers.dropFirst() { try await manager.node.join(first.joinRequest(.manager)) }
        let id = try await first.admit(engine)
        try await first.services.create(service("web", .replicated(replicas: 2)))
        try await first.wait { $0.running(on: id).count == 2 }
        let containers = try await engine.docker("ps -q --no-trunc").split(separator: "\n")

        let leader = try #require(managers.first { $0.node.local.isLeader })
        await leader.kill()
        let next = try #require(managers.first { $0 !== leader }).node
        try await next.services.create(service("more"))
        try await next.wait { $0.running(on: id).count == 3 }
        let later = try await engine.docker("ps -q --no-trunc").split(separator: "\n")
        #expect(Set(containers).isSubset(of: later))
      }
    }
  }

  @Test("it joins through a manager that doesn't lead")
  func joinsThroughFollower() async throws {
    try await Self.run { swarm, leader, engine in
      let followers = [swarm.node("m2", runtime: nil), swarm.node("m3", runtime: nil)]
      for follower in followers { try await follower.node.join(leader.joinRequest(.manager)) }
      let follower = try #require(followers.first { !$0.node.local.isLeader }).node
      _ = try await follower.admit(engine)
    }
  }

  @Test("it moves to another root certificate, and its tasks don't notice")
  func rootRotation() async throws {
    try await Self.run { _, manager, engine in
      let id = try await manager.admit(engine)
      try await manager.services.create(service("web", .replicated(replicas: 2)))
      try await manager.wait { $0.running(on: id).count == 2 }
      let containers = try await engine.docker("ps -q --no-trunc")
      let before = try await manager.cluster.get().rootCA.caCert

      try await manager.changeCluster { $0.caConfig.forceRotate += 1 }
      try await manager.waitForRoots { $0 != before }
      let roots = try await manager.cluster.get().rootCA.caCert
      while try await engine.file("swarm/certificates/swarm-root-ca.crt") != text(ofPEM: roots) {}
      #expect(try await engine.docker("ps -q --no-trunc") == containers)
      try await manager.scale("web", to: 3)
      try await manager.wait { $0.running(on: id).count == 3 }
    }
  }

  @Test("it renews its certificate when it is told to, comes back with the new one, leaves and joins again")
  func certificates() async throws {
    try await Self.run { _, manager, engine in
      let id = try await manager.admit(engine)
      let path = "swarm/certificates/swarm-node.crt"
      let old = try #require(manager.replicatedStore().node(id)?.certificate)
      #expect(try await engine.file(path) == text(ofPEM: old.certificate))

      var due = old
      due.status.state = .rotate
      _ = try await manager.manager().submit(.certifyNode(id, due))
      try await manager.wait { store in
        guard let now = store.node(id)?.certificate else { return false }
        return now.status.state == .issued && now.certificate != old.certificate
      }
      let new = try #require(manager.replicatedStore().node(id)?.certificate)
      while try await engine.file(path) != text(ofPEM: new.certificate) {}

      try await engine.kill()
      try await manager.wait { $0.node(id)?.status.state == .down }
      try await engine.start()
      try await manager.wait { $0.node(id)?.status.state == .ready }

      try await engine.docker("swarm leave")
      try await manager.wait { $0.node(id)?.status.state == .down }
      try await manager.nodes.remove(id.description)
      #expect(try await manager.admit(engine) != id)
    }
  }
}

/// A certificate as it stands in files, without the end of the last line.
private func text(ofPEM bytes: [UInt8]) -> String {
  String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .newlines)
}
