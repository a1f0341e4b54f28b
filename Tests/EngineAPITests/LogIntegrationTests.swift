// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Swarm
import SwarmAgent
import SwarmModel
import TestTraits
import Testing

@Suite("Logs over the API", .serialized, .takingTurns, .timeLimit(.minutes(2)))
struct LogAPIIntegrationTests {
  /// A swarm with one service of two tasks that have written something.
  private static func swarm(tty: Bool = false) async throws -> ScriptedSwarm {
    let swarm = ScriptedSwarm.active()
    var spec = ServiceSpec(name: "web", image: "web:1", replicas: 2)
    if tty {
      var container = ContainerSpec(image: "web:1")
      container.tty = true
      spec.task.runtime = .container(container)
    }
    let service = try await swarm.createService(spec).id
    let tasks = try await swarm.tasks().sorted { $0.slot < $1.slot }
    swarm.change { state in
      state.logs = [("to-out", 0, .stdout), ("to-err", 0, .stderr), ("second", 1, .stdout)].enumerated()
        .map { (number: Int, line: (String, Int, LogRecord.Stream)) in
          TaskLogLine(
            service: service,
            node: tasks[line.1].nodeID ?? NodeID(),
            task: tasks[line.1].id,
            timestamp: Timestamp(nanoseconds: 1_700_000_000_000_000_000 + Int64(number)),
            stream: line.2,
            bytes: Array("\(line.0)\n".utf8),
            details: line.1 == 0 ? ["a b": "c,d"] : [:]
          )
        }
    }
    return swarm
  }

  @Test("frames tell the streams apart; details and times stand in front, as dockerd writes them")
  func frames() async throws {
    let swarm = try await Self.swarm()
    let lines = swarm.change { $0.logs }
    try await RunningServer.with(swarm) { server in
      let plain = try await server.request("GET", "/v1.41/services/web/logs?stdout=1&stderr=1")
      #expect(plain.status == 200)
      #expect(plain.headers["content-type"] == "application/vnd.docker.multiplexed-stream")
      #expect(
        plain.text == "\u{1}\0\0\0\0\0\0\u{7}to-out\n" + "\u{2}\0\0\0\0\0\0\u{7}to-err\n" + "\u{1}\0\0\0\0\0\0\u{7}second\n"
      )
      let full = try await server.request("GET", "/services/web/logs?stdout=1&stderr=1&details=1&timestamps=true")
      let first = lines[0]
      #expect(
        full.text.contains(
          "2023-11-14T22:13:20.000000000Z a%20b=c%2Cd,com.docker.swarm.node.id=\(first.node),"
            + "com.docker.swarm.service.id=\(first.service?.description ?? ""),com.docker.swarm.task.id=\(first.task) to-out\n"
        ),
        "\(full.text)"
      )
    }
  }

  @Test("options reach the swarm")
  func options() async throws {
    let swarm = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      _ = try await server.request("GET", "/services/web/logs?stdout=1&tail=7&since=1700000000.000000005")
      let asked = swarm.change { $0.logRequests }
      let since = Timestamp(nanoseconds: 1_700_000_000_000_000_005)
      #expect(asked == [LogOptions(tail: 7, since: since, streams: [.stdout])])
    }
  }

  @Test("a client that hangs up while nothing is written ends its subscription")
  func hangsUp() async throws {
    let swarm = try await Self.swarm()
    try await RunningServer.with(swarm) { server in
      var answer: RunningServer.Follower? = try await server.follow("/services/web/logs?stdout=1&stderr=1&follow=1")
      let first = try await answer?.next()
      #expect(first?.isEmpty == false)
      let feed = try #require(swarm.change { $0.followers.first })
      answer = nil
      try await feed.readerGone()
    }
  }

  @Test("a terminal's output has no frames")
  func terminal() async throws {
    try await RunningServer.with(Self.swarm(tty: true)) { server in
      let answer = try await server.request("GET", "/services/web/logs?stdout=1&stderr=1")
      #expect(answer.headers["content-type"] == "application/vnd.docker.raw-stream")
      #expect(answer.text == "to-out\nto-err\nsecond\n")
    }
  }

  @Test(
    "wrong requests have dockerd's answers",
    arguments: [
      ("/services/web/logs", 500, "Bad parameters: you must choose at least one stream"),
      ("/services/nope/logs?stdout=1", 404, "service nope not found"),
      ("/tasks/nope/logs?stdout=1", 404, "task nope not found"),
      ("/services/web/logs?stdout=1&tail=x", 400, #"tail value must be a positive integer or "all""#),
      ("/services/web/logs?stdout=1&tail=-1", 400, "negative tail values not supported"),
      ("/services/web/logs?stdout=1&since=soon", 400, #"invalid value for "since": failed to parse value "soon" as a time"#),
    ]
  )
  func refusals(path: String, status: Int, message: String) async throws {
    try await RunningServer.with(Self.swarm()) { server in
      let answer = try await server.request("GET", path)
      #expect(answer.status == status)
      #expect(answer.message?.hasSuffix(message) == true, "\(answer.text)")
    }
  }

  @Test("what is missing is told as the server's error, which docker's clients show")
  func missing() async throws {
    let swarm = try await Self.swarm()
    swarm.change { $0.missingLogs = SwarmError(code: .dataLoss, message: "warning: incomplete log stream.") }
    try await RunningServer.with(swarm) { server in
      let shown = await server.swarmctl(["service", "logs", "--raw", "web"])
      #expect(shown.exitCode == 1)
      #expect(shown.output == "to-out\nsecond\n")
      #expect(
        shown.errors.contains(
          "error from daemon in stream: Error grabbing logs: rpc error: code = Unknown desc = warning: incomplete log stream."
        )
      )
      guard DockerClient.path != nil else { return }
      let docker = try await DockerClient.run(["service", "logs", "--raw", "web"], host: server.host)
      #expect(docker.exitCode == 1)
      #expect(docker.errors.contains("warning: incomplete log stream."), "\(docker)")
    }
  }

  @Test(
    "swarmctl and docker show the same",
    .enabled(if: DockerClient.path != nil, "the docker client isn't installed"),
    arguments: [
      [], ["--raw"], ["--timestamps"], ["--no-trunc"], ["--no-task-ids"], ["--no-resolve"], ["--details"],
      ["--raw", "-t", "--details"], ["--tail", "1"], ["-n", "3", "--since", "2023-01-02T03:04:05Z"],
    ]
  )
  func sameAsDocker(flags: [String]) async throws {
    try await RunningServer.with(Self.swarm()) { server in
      let docker = try await DockerClient.run(["service", "logs"] + flags + ["web"], host: server.host)
      let own = await server.swarmctl(["service", "logs"] + flags + ["web"])
      #expect(docker.exitCode == 0, "\(docker)")
      #expect(own == docker)
      #expect(!docker.output.isEmpty)
    }
  }

  @Test("swarmctl shows a task's lines by its id, and says when there is neither task nor service")
  func task() async throws {
    let swarm = try await Self.swarm()
    let task = try #require(try await swarm.tasks().first)
    try await RunningServer.with(swarm) { server in
      #expect(await server.swarmctl(["service", "logs", "--raw", task.id.description]).output == "to-out\nsecond\n")
      let nothing = await server.swarmctl(["service", "logs", "nope"])
      #expect(nothing.exitCode == 1 && nothing.errors.contains("no such task or service: nope"))
    }
  }
}
