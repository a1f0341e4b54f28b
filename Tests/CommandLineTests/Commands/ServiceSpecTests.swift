// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Testing

@Suite("flags of service create and update")
struct ServiceSpecTests {
  private static func text(_ spec: Engine.ServiceSpec) throws -> String {
    String(decoding: try EngineJSON.encode(spec), as: UTF8.self)
  }

  @Test("no flags, no settings")
  func bare() throws {
    let spec = try SwarmCommandLine.specToCreate(["nginx:1"])
    #expect(
      try Self.text(spec)
        == #"{"Name":"","Labels":{},"TaskTemplate":{"ContainerSpec":{"Image":"nginx:1"}},"Mode":{"Replicated":{}},"EndpointSpec":{"Mode":"vip"}}"#
    )
  }

  @Test("every flag finds its field")
  func everything() throws {
    let spec = try SwarmCommandLine.specToCreate([
      "--name", "web", "--replicas=3", "-e", "A=1", "-eB=2", "-l", "x=y", "--container-label", "c=d", "--constraint",
      "node.role==worker",
      "--placement-pref", "spread=node.labels.rack", "--restart-condition", "on-failure", "--restart-delay", "1s",
      "--restart-max-attempts", "3", "--restart-window", "1m", "--limit-cpu", "0.5", "--limit-memory", "64m", "--limit-pids", "9",
      "--reserve-cpu", "0.25", "--reserve-memory", "32m", "--stop-grace-period", "3s", "--stop-signal", "SIGINT",
      "--update-parallelism",
      "0", "--rollback-order", "start-first", "-p", "published=8080,target=80,mode=host", "-w", "/tmp", "-u", "nobody",
      "--hostname", "h",
      "--entrypoint", "/bin/sh -e", "--replicas-max-per-node", "2", "--init=false", "-d", "--endpoint-mode", "dnsrr",
      "--read-only", "img",
      "-c", "--name", "x",
    ])
    #expect(
      try Self.text(spec)
        == #"{"Name":"web","Labels":{"x":"y"},"TaskTemplate":{"ContainerSpec":{"Image":"img","Labels":{"c":"d"},"Command":["/bin/sh","-e"],"#
        + #""Args":["-c","--name","x"],"Hostname":"h","Env":["A=1","B=2"],"Dir":"/tmp","User":"nobody","Init":false,"StopSignal":"SIGINT","#
        + #""ReadOnly":true,"StopGracePeriod":3000000000},"Resources":{"Limits":{"NanoCPUs":500000000,"MemoryBytes":67108864,"Pids":9},"#
        + #""Reservations":{"NanoCPUs":250000000,"MemoryBytes":33554432}},"RestartPolicy":{"Condition":"on-failure","Delay":1000000000,"#
        + #""MaxAttempts":3,"Window":60000000000},"Placement":{"Constraints":["node.role==worker"],"Preferences":[{"Spread":"#
        + #"{"SpreadDescriptor":"node.labels.rack"}}],"MaxReplicas":2}},"Mode":{"Replicated":{"Replicas":3}},"UpdateConfig":{"Parallelism":0,"#
        + #""Delay":0,"FailureAction":"pause","Monitor":5000000000,"MaxFailureRatio":0,"Order":"stop-first"},"RollbackConfig":"#
        + #"{"Parallelism":1,"Delay":0,"FailureAction":"pause","Monitor":5000000000,"MaxFailureRatio":0,"Order":"start-first"},"#
        + #""EndpointSpec":{"Mode":"dnsrr","Ports":[{"Protocol":"tcp","TargetPort":80,"PublishedPort":8080,"PublishMode":"host"}]}}"#
    )
  }

  @Test(
    "flags that make no sense end with 125, before any request",
    arguments: [
      ["--replicas", "-1", "x"], ["--replicas", "two", "x"], ["--bogus", "x"], ["--limit-memory", "1x", "x"],
      ["--restart-delay", "5", "x"],
      ["-p", "0", "x"], ["--update-max-failure-ratio", "2", "x"], ["--name"], ["--placement-pref", "x", "img"],
    ]
  )
  func flagErrors(arguments: [String]) {
    let failure = #expect(throws: CommandFailure.self) { try SwarmCommandLine.specToCreate(arguments) }
    #expect(failure?.exitCode == 125, "\(String(describing: failure))")
    #expect(failure?.message.isEmpty == false)
  }

  @Test(
    "commands that make no sense end with 1, before any request",
    arguments: [
      [], ["--mode", "foo", "x"], ["--mode", "global", "--replicas", "2", "x"], ["--max-concurrent", "2", "x"],
      ["--network", "n", "x"],
      ["--secret", "s", "x"], ["--config", "c", "x"], ["--env-file", "/nonexistent", "x"],
    ]
  )
  func commandErrors(arguments: [String]) {
    let failure = #expect(throws: CommandFailure.self) { try SwarmCommandLine.specToCreate(arguments) }
    #expect(failure?.exitCode == 1, "\(String(describing: failure))")
  }

  @Test("an update changes what it names and nothing else")
  func update() throws {
    let current = try SwarmCommandLine.specToCreate([
      "--name", "web", "-e", "A=1", "-e", "B=2", "-l", "a=b", "-l", "c=d", "--constraint", "node.role==worker", "-p",
      "mode=host,target=80",
      "img", "run",
    ])
    let same = try SwarmCommandLine.specToUpdate(["web"], from: current)
    #expect(try Self.text(same) == Self.text(current))
    let changed = try SwarmCommandLine.specToUpdate(
      [
        "--image", "img:2", "--args", "run 'much more'", "--env-add", "A=2", "--env-rm", "B", "--label-rm", "a", "--label-add",
        "e=f",
        "--constraint-rm", "node.role==worker", "--constraint-add", "node.hostname==n", "--publish-rm", "80", "--publish-add",
        "mode=host,target=81", "--force", "--replicas", "5", "--update-delay", "2s", "--no-resolve-image", "web",
      ],
      from: current
    )
    let container = changed.taskTemplate?.containerSpec
    #expect(container?.image == "img:2")
    #expect(container?.args == ["run", "much more"])
    #expect(container?.env == ["A=2"])
    #expect(changed.labels == ["c": "d", "e": "f"])
    #expect(changed.taskTemplate?.placement?.constraints == ["node.hostname==n"])
    #expect(changed.endpointSpec?.ports?.map(\.targetPort) == [81])
    #expect(changed.taskTemplate?.forceUpdate == 1)
    #expect(changed.mode?.replicated?.replicas == 5)
    #expect(changed.updateConfig?.delay == 2_000_000_000)
    #expect(changed.updateConfig?.parallelism == 1)
  }

  @Test("a global service has no number of replicas to change")
  func globalReplicas() throws {
    let current = try SwarmCommandLine.specToCreate(["--mode", "global", "img"])
    #expect(throws: CommandFailure.self) { try SwarmCommandLine.specToUpdate(["--replicas", "2", "web"], from: current) }
  }
}
