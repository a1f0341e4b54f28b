// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmModel
import TestEngines
import TestTraits
import Testing

@Suite("Importing a swarm", .serialized, .takingTurns, .timeLimit(.minutes(3)))
struct ImportIntegrationTests {
  /// Shell-like words to `swarmctl`, which must succeed.
  private static func done(_ server: RunningServer, _ line: String) async throws {
    let result = await server.swarmctl(line.split(separator: " ").map(String.init))
    try #require(result.exitCode == 0, "\(line): \(result)")
  }

  private static func createSecret(_ name: String, on server: RunningServer) async throws {
    let answer = try await server.request("POST", "/secrets/create", body: #"{"Name":"\#(name)","Data":"eA=="}"#)
    try #require(answer.status == 201, "\(answer)")
  }

  /// Imports, and tells the exit code with the lines that say something else than that all is well.
  private static func importing(_ source: String, into server: RunningServer, _ flags: String...) async -> (Int32, CommandOutput)
  {
    let result = await server.swarmctl(["import", "--from", source] + flags)
    return (result.exitCode, result)
  }

  @Test("another swarm of ours is recreated, and a second import finds nothing to do")
  func ours() async throws {
    try await RunningManager.with { source, _ in
      try await Self.done(source, "network create --subnet 10.99.0.0/24 --attachable --label a=b front")
      try await Self.createSecret("key", on: source)
      _ = try await source.request("POST", "/configs/create", body: #"{"Name":"conf","Data":"eQ=="}"#)
      try await Self.done(source, "node update --label-add disk=ssd node1")
      try await Self.done(
        source,
        """
        service create -d -q --name web --replicas 2 --network front --secret key --config source=conf,target=/c --publish 80:80 \
        -e A=1 --constraint node.labels.disk==ssd --limit-memory 64m --update-delay 3s --update-max-failure-ratio 0.1 \
        --stop-grace-period 3s --health-cmd true ticker a b
        """
      )
      try await Self.done(source, "service create -d -q --name all --mode global --network host ticker")
      try await RunningManager.with { target, node in
        let (first, told) = await Self.importing(source.host, into: target)
        #expect(first == 1)
        #expect(told.errors.contains("service web: left out: it needs secret key"), "\(told)")
        #expect(told.output.contains("4 created, 1 here already, 2 left out\n"), "\(told)")
        try await Self.createSecret("key", on: target)
        let (second, more) = await Self.importing(source.host, into: target)
        #expect(
          second == 0 && more.output.contains("service web: created\n") && more.output.hasSuffix("\n1 created, 6 here already\n"),
          "\(more)"
        )
        let (third, nothing) = await Self.importing(source.host, into: target)
        #expect(third == 0 && nothing.output.hasSuffix("\n0 created, 7 here already\n"), "\(nothing)")

        let web = try await node.services.get("web").spec
        #expect(web.task.networks.map(\.target) == [try await node.networks.get("front").id.description])
        #expect(web.task.container?.secrets.map(\.secretID) == [try await node.secrets.get("key").id])
        #expect(web.task.container?.configs.map(\.configID) == [try await node.configs.get("conf").id])
        #expect(try await node.networks.get("front").ipam?.configs.first?.subnet == "10.99.0.0/24")
        #expect(try await node.nodes.get("node1").spec.annotations.labels == ["disk": "ssd"])
      }
    }
  }

  @Test(
    "a real Docker swarm is recreated",
    .enabled(if: IsolatedEngine.reason.isEmpty, "\(IsolatedEngine.reason)")
  )
  func docker() async throws {
    try await IsolatedEngine.with { engine in
      try await engine.docker("swarm init --advertise-addr \(engine.address)")
      try await engine.docker("network create -d overlay --opt encrypted --subnet 10.99.0.0/24 front")
      for line in ["secret create key -", "config create conf -"] { try await engine.docker("\(line) < /etc/hostname") }
      let create = "service create -d --no-resolve-image"
      try await engine.docker(
        """
        \(create) --name web --replicas 2 --network front --secret key --config conf -p 8080:80 --limit-cpu .5 \
          --constraint node.hostname==engine --update-order start-first --health-cmd true --ulimit nofile=100 --cap-add NET_ADMIN \
          --mount type=volume,src=data,dst=/data --hostname '{{.Node.Hostname}}' --dns 10.0.0.1 --host a:10.0.0.1 \
          \(TestEngine.image) sleep 1000
        """
      )
      try await engine.docker("\(create) --name hosted --mode global --network host \(TestEngine.image) sleep 1000")
      try await engine.docker("\(create) --name job --mode replicated-job \(TestEngine.image) true")
      try await RunningManager.with { target, node in
        try await Self.createSecret("key", on: target)
        let (code, told) = await Self.importing("unix://\(engine.socketPath)", into: target)
        #expect(code == 1, "the job is left out")
        #expect(told.output.contains("\n4 created, 2 here already, 1 left out\n"), "\(told)")
        let hostname = "WARNING: service web: constraint node.hostname==engine holds for no node here\n"
        #expect(told.errors.contains(hostname) && !told.errors.contains("isn't known"), "\(told)")
        #expect(try await node.networks.get("front").driverState?.options["encrypted"]?.isEmpty == true)
        let hosted = try await node.services.get("hosted").spec
        #expect(hosted.task.networks.map(\.target) == [try await node.networks.get("host").id.description])
        let (second, nothing) = await Self.importing("unix://\(engine.socketPath)", into: target, "--jobs")
        #expect(second == 0 && nothing.output.hasSuffix("\n1 created, 6 here already\n"), "\(nothing)")
      }
    }
  }
}
