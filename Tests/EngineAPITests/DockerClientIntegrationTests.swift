// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Swarm
import SwarmModel
import TestTraits
import Testing

/// Drives the real docker command line against the server, and `swarmctl` beside it.
@Suite("docker client", .serialized, .takingTurns, .enabled(if: DockerClient.path != nil, "the docker client isn't installed"))
struct DockerClientIntegrationTests {
  @Test("a swarm is made, shown and left")
  func membership() async throws {
    try await RunningServer.with(ScriptedSwarm()) { server in
      let outside = try await DockerClient.run(["node", "ls"], host: server.host)
      #expect(outside.exitCode == 1)
      #expect(outside.errors.contains("This node is not a swarm manager."), "\(outside)")

      let made = try await DockerClient.run(["swarm", "init"], host: server.host)
      #expect(made.exitCode == 0, "\(made)")
      #expect(made.output.contains("is now a manager."))
      #expect(made.output.contains("docker swarm join --token SWMTKN-"))

      let again = try await DockerClient.run(["swarm", "init"], host: server.host)
      #expect(again.exitCode == 1)
      #expect(again.errors.contains("This node is already part of a swarm."))

      let info = try await DockerClient.run(
        ["info", "--format", "{{.Swarm.LocalNodeState}} {{.Swarm.Nodes}}"],
        host: server.host
      )
      #expect(info.output == "active 1\n", "\(info)")
      let version = try await DockerClient.run(["version", "--format", "{{.Server.APIVersion}}"], host: server.host)
      #expect(version.output == "1.41\n", "\(version)")

      let refused = try await DockerClient.run(["swarm", "leave"], host: server.host)
      #expect(refused.exitCode == 1)
      let left = try await DockerClient.run(["swarm", "leave", "--force"], host: server.host)
      #expect(left == CommandOutput(exitCode: 0, output: "Node left the swarm.\n", errors: ""))
    }
  }

  @Test("a node joins with the token that was shown, which decides the role", arguments: ["worker", "manager"])
  func join(role: String) async throws {
    let token = try await RunningServer.with(ScriptedSwarm.active()) { server in
      try await DockerClient.run(["swarm", "join-token", "-q", role], host: server.host).output
    }
    try await RunningServer.with(ScriptedSwarm()) { server in
      let joined = try await DockerClient.run(
        ["swarm", "join", "--token", String(token.dropLast()), "127.0.0.1:2377"],
        host: server.host
      )
      #expect(joined.output == "This node joined a swarm as a \(role).\n", "\(joined)")
    }
  }

  @Test("the node's tasks are containers that one looks at, and runs commands beside")
  func containers() async throws {
    let swarm = ScriptedSwarm.active()
    _ = try await swarm.createService(ServiceSpec(name: "web", image: "web:1", replicas: 2))
    let task = try #require(try await swarm.tasks().first { $0.nodeID == swarm.local.nodeID })
    swarm.change { state in
      state.tasks[task.id]?.status.container = ContainerStatus(containerID: task.id.description)
      state.onExec = { _, request, input, output in
        try await output(.stdout(Array("\(request.arguments) \(request.terminal == nil)\n".utf8)))
        try await output(.stderr(Array("err\n".utf8)))
        if request.takesInput { for try await piece in input where piece == .end { break } }
        return 42
      }
    }
    try await RunningServer.with(swarm) { server in
      func docker(_ arguments: String...) async throws -> CommandOutput {
        try await DockerClient.run(arguments, host: server.host)
      }
      let name = "web.\(task.slot).\(task.id)"
      let id = try await docker("inspect", "--format", "{{.Status.ContainerStatus.ContainerID}}", task.id.description).output
        .dropLast()
      #expect(id.utf8.count == 64)
      let list = try await docker("ps", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Image}} {{.State}}")
      #expect(list == CommandOutput(exitCode: 0, output: "\(id) \(name) web:1 running\n", errors: ""))
      let service = "{{index .Config.Labels \"com.docker.swarm.service.name\"}} {{.State.Status}}"
      #expect(try await docker("inspect", "--format", service, name).output == "web running\n")
      let run = CommandOutput(exitCode: 42, output: "[\"ls\", \"-l\"] true\n", errors: "err\n")
      #expect(try await docker("exec", name, "ls", "-l") == run)
      #expect(try await docker("exec", "-i", String(id.prefix(12)), "ls", "-l") == run)
      let terminal = try await docker("exec", "-t", name, "ls", "-l")
      #expect(terminal == CommandOutput(exitCode: 42, output: "[\"ls\", \"-l\"] false\nerr\n", errors: ""))
      #expect(try await docker("exec", "-d", name, "ls") == CommandOutput(exitCode: 0, output: "", errors: ""))
      let unknown = try await docker("exec", "nope", "ls")
      #expect(unknown.errors.contains("No such container: nope"), "\(unknown)")
      let stopped = try await docker("stop", name)
      #expect(stopped.exitCode == 1)
      #expect(stopped.errors.contains("tasks are started and stopped by their service"), "\(stopped)")
      #expect(try await docker("images", "--format", "{{.Repository}}:{{.Tag}}").output == "web:1\n")
    }
  }

  @Test("a service lives from create to rm")
  func serviceLife() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      func docker(_ arguments: String...) async throws -> CommandOutput {
        try await DockerClient.run(arguments, host: server.host)
      }
      let created = try await docker(
        "service",
        "create",
        "-d",
        "--name",
        "web",
        "--replicas",
        "2",
        "--env",
        "A=1",
        "--label",
        "tier=front",
        "--constraint",
        "node.role==worker",
        "--restart-delay",
        "1s",
        "--limit-memory",
        "64m",
        "--update-parallelism",
        "2",
        "--stop-grace-period",
        "3s",
        "nginx:1",
        "sh",
        "-c",
        "sleep 9"
      )
      #expect(created.exitCode == 0, "\(created)")
      let id = created.output.split(separator: "\n").first.map(String.init) ?? ""
      #expect(id.count == 25)

      let duplicate = try await docker("service", "create", "-d", "--name", "web", "nginx:1")
      #expect(duplicate.exitCode == 1)
      #expect(duplicate.errors.contains("service web already exists"))

      let args = try await docker("service", "inspect", "--format", "{{json .Spec.TaskTemplate.ContainerSpec.Args}}", "web")
      #expect(args.output == #"["sh","-c","sleep 9"]"# + "\n")
      let pretty = try await docker("service", "inspect", "--pretty", "web")
      #expect(pretty.exitCode == 0, "\(pretty)")
      #expect(pretty.output.contains("Parallelism:\t2"), "\(pretty.output)")

      let scaled = try await docker("service", "scale", "-d", "web=3")
      #expect(scaled.output.contains("web scaled to 3"), "\(scaled)")
      let list = try await docker("service", "ls", "--format", "{{.Name}} {{.Mode}} {{.Replicas}} {{.Image}}")
      #expect(list.output == "web replicated 3/3 nginx:1\n", "\(list)")
      let ps = try await docker(
        "service",
        "ps",
        "--filter",
        "desired-state=running",
        "--format",
        "{{.Name}} {{.Node}} {{.CurrentState}}",
        "web"
      )
      #expect(ps.output.split(separator: "\n").count == 3, "\(ps)")

      let updated = try await docker("service", "update", "-d", "--env-add", "B=2", "--image", "nginx:2", "web")
      #expect(updated.exitCode == 0, "\(updated)")
      let rolledBack = try await docker("service", "rollback", "-d", "web")
      #expect(rolledBack.exitCode == 0, "\(rolledBack)")
      let image = try await docker("service", "inspect", "--format", "{{.Spec.TaskTemplate.ContainerSpec.Image}}", "web")
      #expect(image.output == "nginx:1\n")
      let nothing = try await docker("service", "rollback", "-d", "web")
      #expect(nothing.exitCode == 1)
      #expect(nothing.errors.contains("does not have a previous spec"))

      let removed = try await docker("service", "rm", "web", "nope")
      #expect(removed.output == "web\n")
      #expect(removed.exitCode == 1)
      #expect(removed.errors.contains("service nope not found"))
    }
  }

  @Test("an attached create waits until the tasks have run for the monitor time")
  func attachedCreate() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let created = try await DockerClient.run(
        ["service", "create", "--name", "web", "--update-monitor", "300ms", "nginx:1"],
        host: server.host
      )
      #expect(created.exitCode == 0, "\(created)")
      #expect(created.output.contains("converged"))
    }
  }

  @Test("nodes are shown, changed and removed")
  func nodes() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      func docker(_ arguments: String...) async throws -> CommandOutput {
        try await DockerClient.run(arguments, host: server.host)
      }
      #expect(
        try await docker("node", "update", "--availability", "drain", "--label-add", "rack=r1", "node2").output == "node2\n"
      )
      let spec = try await docker("node", "inspect", "--format", "{{.Spec.Availability}} {{.Spec.Labels.rack}}", "node2")
      #expect(spec.output == "drain r1\n")
      let own = try await docker("node", "inspect", "--format", "{{.Description.Hostname}}", "self")
      #expect(own.output == "node1\n")
      let filtered = try await docker("node", "ls", "--filter", "node.label=rack=r1", "--format", "{{.Hostname}}")
      #expect(filtered.output == "node2\n")
      let live = try await docker("node", "rm", "node2")
      #expect(live.errors.contains("is not down and can't be removed"))
      #expect(try await docker("node", "rm", "--force", "node2").output == "node2\n")
      let unknown = try await docker("node", "inspect", "nope")
      #expect(unknown.exitCode == 1)
    }
  }

  @Test(
    "swarmctl prints what docker prints",
    arguments: [
      ["node", "ls"], ["service", "ls"], ["service", "ps", "web"], ["service", "ps", "--no-trunc", "agent"],
      ["node", "ps", "node2"],
      ["service", "ls", "--format", "{{.ID}}\\t{{.Name}}"], ["service", "ls", "-q"], ["node", "ls", "-q"],
      ["service", "ps", "-q", "web"],
      ["service", "ls", "--filter", "name=ag"], ["node", "ls", "--format", "table {{.Hostname}}\\t{{.Status}}"],
      ["service", "inspect", "--format", "{{.Spec.Name}}", "web"], ["node", "inspect", "--format", "{{.Spec.Role}}", "self"],
      ["service", "inspect", "web", "agent"], ["node", "inspect", "node2"], ["swarm", "join-token", "-q", "worker"],
    ]
  )
  func sameOutput(arguments: [String]) async throws {
    let swarm = ScriptedSwarm.active()
    swarm.change { $0.taskState = .starting }
    _ = try await swarm.createService(
      ServiceSpec(
        annotations: .init(name: "agent"),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "agent:1"))),
        mode: .global
      )
    )
    swarm.change { $0.taskState = .running }
    let web = try await swarm.createService(
      ServiceSpec(
        annotations: .init(name: "web"),
        task: TaskSpec(runtime: .container(ContainerSpec(image: "nginx:1@sha256:\(String(repeating: "a", count: 64))"))),
        mode: .replicated(replicas: 11)
      )
    )
    swarm.change { state in
      for id in state.tasks.keys where state.tasks[id]?.slot == 3 && state.tasks[id]?.serviceID == web.id {
        state.tasks[id]?.status.state = .failed
        state.tasks[id]?.status.err = "task: non-zero exit (127), and a lot more to say about it"
        state.tasks[id]?.desiredState = .shutdown
      }
    }
    try await RunningServer.with(swarm) { server in
      let docker = try await DockerClient.run(arguments, host: server.host)
      let console = await server.swarmctl(arguments)
      #expect(docker.exitCode == 0, "\(docker)")
      #expect(console == docker)
    }
  }

  @Test(
    "swarmctl ends as docker ends",
    arguments: [
      ["service", "create"], ["service", "create", "--bogus", "x"], ["service", "create", "--replicas", "-1", "x"],
      ["service", "bogus"],
      ["bogus"], ["service", "scale", "web"], ["service", "create", "--mode", "foo", "x"],
      ["service", "create", "--limit-cpu", "foo", "x"],
      ["node", "ls", "foo"], ["service", "rm", "nope"], ["service", "inspect", "nope"], ["service", "ps", "nope"],
      ["service", "scale", "a=-1"],
      ["service", "update", "--replicas", "two", "web"], ["service", "rm"], ["node", "update"],
      ["node", "ls", "--filter", "bogus=1"],
      ["service", "create", "--restart-delay", "5", "x"], ["service", "create", "-p", "http:80", "x"], ["service"],
      ["service", "--help"],
    ]
  )
  func sameExitCode(arguments: [String]) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let docker = try await DockerClient.run(arguments, host: server.host)
      let console = await server.swarmctl(arguments)
      #expect(console.exitCode == docker.exitCode, "docker: \(docker)\nswarmctl: \(console)")
      #expect(console.exitCode == 0 || !console.errors.isEmpty)
    }
  }
}
