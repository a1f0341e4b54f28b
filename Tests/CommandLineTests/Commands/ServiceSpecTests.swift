// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Foundation
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
        == #"{"Name":"web","Labels":{"x":"y"},"TaskTemplate":{"ContainerSpec":{"Image":"img:latest","Labels":{"c":"d"},"Command":["/bin/sh","-e"],"#
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
    "flags of the container",
    arguments: [
      (
        ["--mount", "type=bind,source=/a,target=/b,readonly,bind-propagation=rslave"], "Mounts",
        #"[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true,"BindOptions":{"Propagation":"rslave"}}]"#
      ),
      (
        ["--mount", "src=v,dst=/b,volume-driver=d,volume-opt=a=b,volume-label=l=m,volume-nocopy"], "Mounts",
        #"[{"Type":"volume","Source":"v","Target":"/b","VolumeOptions":{"NoCopy":true,"Labels":{"l":"m"},"#
          + #""DriverConfig":{"Name":"d","Options":{"a":"b"}}}}]"#
      ),
      (
        ["--mount", "type=tmpfs,target=/t,tmpfs-size=1m,tmpfs-mode=0700"], "Mounts",
        #"[{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1048576,"Mode":448}}]"#
      ),
      (
        ["--dns", "1.1.1.1", "--dns-search", "x", "--dns-option", "o"], "DNSConfig",
        #"{"Nameservers":["1.1.1.1"],"Search":["x"],"Options":["o"]}"#
      ),
      (["--host", "a:1.2.3.4", "--host", "b:::1"], "Hosts", #"["1.2.3.4 a","::1 b"]"#),
      (["--group", "5", "--group=x"], "Groups", #"["5","x"]"#), (["--sysctl", "a.b=1"], "Sysctls", #"{"a.b":"1"}"#),
      (
        ["--ulimit", "nofile=1:2", "--ulimit", "nproc=-1"], "Ulimits",
        #"[{"Name":"nofile","Soft":1,"Hard":2},{"Name":"nproc","Soft":-1,"Hard":-1}]"#
      ),
      (["--cap-add", "net_admin", "--cap-drop", "ALL"], "CapabilityAdd", #"["CAP_NET_ADMIN"]"#),
      (["--cap-drop", "CAP_CHOWN"], "CapabilityDrop", #"["CAP_CHOWN"]"#), (["--oom-score-adj", "-5"], "OomScoreAdj", "-5"),
      (
        ["--health-cmd", "a b", "--health-interval", "1s", "--health-retries", "3"], "Healthcheck",
        #"{"Test":["CMD-SHELL","a b"],"Interval":1000000000,"Retries":3}"#
      ),
      (["--no-healthcheck"], "Healthcheck", #"{"Test":["NONE"]}"#),
      (["--no-healthcheck=true"], "Healthcheck", #"{"Test":["NONE"]}"#),
      (["--no-healthcheck=false", "--health-cmd", "x"], "Healthcheck", #"{"Test":["CMD-SHELL","x"]}"#),
      (["--isolation", "hyperv"], "Isolation", #""hyperv""#),
      (
        ["--mount", "type=bind,src=/a,dst=/b,bind-recursive=disabled"], "Mounts",
        #"[{"Type":"bind","Source":"/a","Target":"/b","BindOptions":{"NonRecursive":true}}]"#
      ),
      (
        ["--mount", "type=bind,src=/a,dst=/b,bind-recursive=writable,readonly"], "Mounts",
        #"[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true,"BindOptions":{"ReadOnlyNonRecursive":true}}]"#
      ),
      (
        ["--mount", "type=bind,src=/a,dst=/b,ro,bind-recursive=readonly,bind-propagation=rprivate"], "Mounts",
        #"[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true,"#
          + #""BindOptions":{"Propagation":"rprivate","ReadOnlyForceRecursive":true}}]"#
      ),
    ] as [([String], String, String)]
  )
  func containerFlags(arguments: [String], field: String, expected: String) throws {
    let spec = try JSONValue(encoding: SwarmCommandLine.specToCreate(arguments + ["img"]))
    #expect(spec["TaskTemplate"]?["ContainerSpec"]?[field]?.text == expected)
  }

  @Test("an update adds to lists, replaces what has the same key and takes away")
  func containerLists() throws {
    let current = try SwarmCommandLine.specToCreate([
      "--mount", "src=a,dst=/a", "--mount", "src=b,dst=/b", "--dns", "1.1.1.1", "--host", "a:1.1.1.1", "--group", "g", "--sysctl",
      "s=1",
      "--ulimit", "nofile=1", "--cap-add", "CHOWN", "--health-cmd", "x", "--log-driver", "json-file", "--log-opt", "a=b", "img",
    ])
    let spec = try SwarmCommandLine.specToUpdate(
      [
        "--mount-add", "src=c,dst=/a", "--mount-rm", "/b", "--dns-rm", "1.1.1.1", "--dns-add", "2.2.2.2", "--host-rm",
        "a:1.1.1.1",
        "--group-rm", "g", "--group-add", "h", "--sysctl-rm", "s", "--sysctl-add", "t=2", "--ulimit-add", "nofile=5",
        "--cap-drop", "CHOWN",
        "--no-healthcheck", "--log-opt", "c=d", "web",
      ],
      from: current
    )
    let template = try JSONValue(encoding: #require(spec.taskTemplate))
    #expect(
      template.text
        == #"{"ContainerSpec":{"Image":"img:latest","Groups":["h"],"Mounts":[{"Type":"volume","Source":"c","Target":"/a"}],"#
        + #""Healthcheck":{"Test":["NONE"]},"DNSConfig":{"Nameservers":["2.2.2.2"]},"Sysctls":{"t":"2"},"#
        + #""Ulimits":[{"Name":"nofile","Soft":5,"Hard":5}]},"LogDriver":{"Name":"json-file","Options":{"a":"b","c":"d"}}}"#
    )
    #expect(try SwarmCommandLine.specToUpdate(["web"], from: current) == current)
  }

  @Test(
    "flags of the container that make no sense",
    arguments: [
      ["--mount", "src=a"], ["--mount", "type=bind,dst=/a"], ["--mount", "dst=/a,bogus=1"], ["--mount", "dst=/a,tmpfs-size=1m"],
      ["--ulimit", "nofile"], ["--ulimit", "nofile=5:1"], ["--host", "a"], ["--health-retries", "-1"], ["--ulimit", "bogus=1"],
      ["--host", "a:nowhere"], ["--dns", "nowhere"], ["-e", "=x"],
      ["--generic-resource", "gpu=1", "--generic-resource", "gpu=2"],
      ["--no-healthcheck", "--health-cmd", "x"], ["--mount", "type=bind,src=/a,dst=/b,bind-recursive=some"],
      ["--mount", "type=bind,src=/a,dst=/b,bind-recursive=writable"],
      ["--mount", "type=bind,src=/a,dst=/b,ro,bind-recursive=readonly"], ["--mount", "dst=/b,bind-recursive=disabled"],
    ]
  )
  func wrongContainerFlags(arguments: [String]) {
    #expect(throws: CommandFailure.self) { try SwarmCommandLine.specToCreate(arguments + ["img"]) }
  }

  @Test(
    "flags that make no sense end with 125, before any request",
    arguments: [
      ["--replicas", "-1", "x"], ["--replicas", "two", "x"], ["--bogus", "x"], ["--limit-memory", "1x", "x"],
      ["--restart-delay", "5", "x"],
      ["-p", "0", "x"], ["--secret", "target=a", "x"], ["--network", "alias=a", "x"], ["--update-max-failure-ratio", "2", "x"],
      ["--name"], ["--placement-pref", "x", "img"], ["--generic-resource", "gpu", "x"], ["--credential-spec", "c", "x"],
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
      ["--env-file", "/nonexistent", "x"], ["--generic-resource", "gpu=a", "x"], ["--generic-resource", "gpu=-1", "x"],
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

  @Test("a capability that was dropped is taken back by adding it, one that was added by dropping it, and RESET forgets all")
  func capabilities() throws {
    func changed(_ flags: [String], _ changes: [String]) throws -> [[String]?] {
      let current = try SwarmCommandLine.specToCreate(flags + ["img"])
      let container = try SwarmCommandLine.specToUpdate(changes + ["web"], from: current).taskTemplate?.containerSpec
      return [container?.capabilityAdd, container?.capabilityDrop]
    }
    let both = ["--cap-add", "NET_ADMIN", "--cap-drop", "CHOWN"]
    #expect(try changed(both, ["--cap-add", "chown", "--cap-drop", "CAP_NET_ADMIN"]) == [nil, nil])
    #expect(try changed(both, ["--cap-add", "RESET", "--cap-add", "SYS_TIME"]) == [["CAP_SYS_TIME"], ["CAP_CHOWN"]])
    #expect(try changed(both, ["--cap-drop", "ALL", "--cap-drop", "ALL"]) == [["CAP_NET_ADMIN"], ["ALL", "CAP_CHOWN"]])
  }

  @Test("lists are changed by what identifies their elements")
  func identities() throws {
    let current = try SwarmCommandLine.specToCreate([
      "--host", "a:1.1.1.1", "--host", "b:2.2.2.2", "-p", "8080:80", "--no-healthcheck", "--log-driver", "json-file", "--log-opt",
      "a=b", "img",
    ])
    let changes = [
      "--host-rm", "a", "--host-rm", "c", "--publish-add", "8081:80", "--publish-add", "8080:80", "--health-interval", "3s",
      "--log-driver", "none", "web",
    ]
    let changed = try SwarmCommandLine.specToUpdate(changes, from: current)
    #expect(changed.taskTemplate?.containerSpec?.hosts == ["2.2.2.2 b"])
    #expect(changed.endpointSpec?.ports?.map(\.publishedPort) == [8080, 8081])
    #expect(changed.taskTemplate?.containerSpec?.healthcheck?.test == nil)
    #expect(changed.taskTemplate?.logDriver?.options == nil)
  }

  @Test("resources of a kind are reserved, changed and no longer reserved")
  func genericResources() throws {
    func reserved(_ spec: Engine.ServiceSpec) -> [String] {
      (spec.taskTemplate?.resources?.reservations?.genericResources ?? [])
        .map { "\($0.discrete?.kind ?? "")=\($0.discrete?.value ?? 0)" }
    }
    let current = try SwarmCommandLine.specToCreate(["--generic-resource", "gpu=2", "--generic-resource", "disk=3", "img"])
    #expect(reserved(current) == ["gpu=2", "disk=3"])
    let changed = try SwarmCommandLine.specToUpdate(
      ["--generic-resource-rm", "disk", "--generic-resource-add", "gpu=5", "--generic-resource-add", "fpga=1", "web"],
      from: current
    )
    #expect(reserved(changed) == ["gpu=5", "fpga=1"])
    let none = try SwarmCommandLine.specToUpdate(
      ["--generic-resource-rm", "gpu", "--generic-resource-rm", "fpga", "web"],
      from: changed
    )
    #expect(none.taskTemplate?.resources?.reservations?.genericResources == nil)
    let failure = #expect(throws: CommandFailure.self) {
      try SwarmCommandLine.specToUpdate(["--generic-resource-rm", "tpu", "web"], from: current)
    }
    #expect(failure?.message == "could not find generic-resource `tpu` to remove it")
  }

  @Test("how many tasks of a job run at once can be changed, of a job alone")
  func maxConcurrent() throws {
    let job = try SwarmCommandLine.specToCreate(["--mode", "replicated-job", "--replicas", "9", "img"])
    let changed = try SwarmCommandLine.specToUpdate(["--max-concurrent", "3", "web"], from: job)
    #expect(changed.mode?.replicatedJob?.maxConcurrent == 3)
    #expect(changed.mode?.replicatedJob?.totalCompletions == 9)
    let service = try SwarmCommandLine.specToCreate(["img"])
    #expect(throws: CommandFailure.self) { try SwarmCommandLine.specToUpdate(["--max-concurrent", "3", "web"], from: service) }
  }

  @Test("a variable without a value has the client's; a name that the client has none for stays from a flag, not from a file")
  func variables() throws {
    let path = "\(NSTemporaryDirectory())variables-\(UUID().uuidString).env"
    try "# c\n\n  A=1\nB=from file\nSET\nUNSET\nC=x y\n".write(toFile: path, atomically: true, encoding: .utf8)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let environment = ["SET": "s", "OWN": "o"]
    let arguments = ["-e", "B=2", "-e", "OWN", "--env", "NONE", "--env-file", path, "img"]
    let spec = try SwarmCommandLine.specToCreate(arguments, environment: environment)
    #expect(spec.taskTemplate?.containerSpec?.env == ["A=1", "SET=s", "C=x y", "B=2", "OWN=o", "NONE"])
    let updated = try SwarmCommandLine.specToUpdate(
      ["--env-add", "OWN", "--env-add", "NONE", "--env-rm", "C", "web"],
      from: spec,
      environment: ["OWN": "new"]
    )
    #expect(updated.taskTemplate?.containerSpec?.env == ["A=1", "SET=s", "B=2", "OWN=new", "NONE"])
    try "A B=1\n".write(toFile: path, atomically: true, encoding: .utf8)
    let failure = #expect(throws: CommandFailure.self) { try SwarmCommandLine.specToCreate(arguments) }
    #expect(failure?.message == "invalid env file (\(path)): variable 'A B' contains whitespaces")
  }

  @Test("a global service has no number of replicas to change")
  func globalReplicas() throws {
    let current = try SwarmCommandLine.specToCreate(["--mode", "global", "img"])
    #expect(throws: CommandFailure.self) { try SwarmCommandLine.specToUpdate(["--replicas", "2", "web"], from: current) }
  }
}
