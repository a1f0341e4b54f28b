// SPDX-License-Identifier: Apache-2.0

import SwarmAgent
import SwarmModel
import TestEngines
import TestTraits
import Testing

@Suite("what containers are made with", .serialized, .takingTurns, .enabled(if: TestEngine.isThere, "\(TestEngine.reason)"))
struct SpecTests {
  @Test("every field of the specification reaches the engine")
  func fields() async throws {
    try await TestNode.with { node in
      let task = try shellTask(
        "true",
        spec: { spec in
          spec.labels = ["own": "label"]
          spec.env = ["A=1", "TASK={{.Task.Name}}", "SLOT={{.Task.Slot}}", "TIER={{index .Service.Labels \"tier\"}}"]
          spec.dir = "/tmp"
          spec.user = "1000:1000"
          spec.hostname = "h-{{.Task.Slot}}"
          spec.groups = ["5"]
          spec.tty = true
          spec.openStdin = true
          spec.readOnly = true
          spec.stopSignal = "SIGUSR1"
          spec.initProcess = true
          spec.dnsConfig = ContainerSpec.DNSConfig(nameservers: ["10.0.0.1"], search: ["x.y"], options: ["ndots:2"])
          spec.hosts = ["1.2.3.4 a b"]
          spec.sysctls = ["kernel.msgmax": "4096"]
          spec.capabilityAdd = ["CAP_NET_ADMIN"]
          spec.capabilityDrop = ["CAP_CHOWN"]
          spec.ulimits = [ContainerSpec.Ulimit(name: "nofile", soft: 100, hard: 200)]
          spec.oomScoreAdj = 100
          spec.pidsLimit = 50
          spec.healthcheck = HealthConfig(test: ["CMD", "true"], interval: .seconds(7), timeout: .seconds(2), retries: 3)
          spec.privileges = Privileges(seccomp: Privileges.SeccompOptions(mode: .unconfined), noNewPrivileges: true)
          spec.mounts = [
            Mount(type: .tmpfs, target: "/t", tmpfsOptions: Mount.TmpfsOptions(sizeBytes: 1 << 20, mode: 0o700)),
            Mount(
              type: .bind,
              source: "/tmp",
              target: "/b",
              readonly: true,
              bindOptions: Mount.BindOptions(propagation: .rslave)
            ),
            Mount(
              type: .volume,
              source: "vol-{{.Task.Slot}}",
              target: "/v",
              volumeOptions: Mount.VolumeOptions(labels: ["l": "m"], driverConfig: Driver(name: "local"))
            ),
          ]
        },
        task: { task in
          task.endpoint = Endpoint(ports: [
            PortConfig(targetPort: 80, publishedPort: 18080, publishMode: .host),
            PortConfig(protocol: .udp, targetPort: 53, publishMode: .host), PortConfig(targetPort: 81, publishedPort: 18081),
          ])
          task.assignedGenericResources = [
            .named(kind: "gpu", value: "a"), .named(kind: "gpu", value: "b"), .discrete(kind: "ssd", value: 2),
          ]
          task.logDriver = Driver(name: "json-file", options: ["max-size": "1m"])
        },
        template: { template in
          template.resources = ResourceRequirements(
            limits: Resources(nanoCPUs: 500_000_000, memoryBytes: 64 << 20),
            reservations: Resources(memoryBytes: 32 << 20)
          )
        }
      )
      let controller = try await node.controller(task)
      try await controller.prepare()
      let expected: [(String, String)] = [
        ("{{json .Config.Cmd}}", #"["sh","-c","true"]"#), ("{{index .Config.Labels \"own\"}}", "label"),
        ("{{index .Config.Labels \"com.docker.swarm.service.name\"}}", "web"),
        ("{{index .Config.Labels \"com.docker.swarm.task.id\"}}", "\(task.id)"),
        (
          "{{json .Config.Env}}",
          #"["A=1","TASK=\#(node.name(of: task))","SLOT=1","TIER=front","DOCKER_RESOURCE_GPU=a,b","DOCKER_RESOURCE_SSD=2"]"#
        ),
        ("{{.Config.WorkingDir}}", "/tmp"), ("{{.Config.User}}", "1000:1000"), ("{{.Config.Hostname}}", "h-1"),
        ("{{json .HostConfig.GroupAdd}}", #"["5"]"#), ("{{.Config.Tty}} {{.Config.OpenStdin}}", "true true"),
        ("{{.HostConfig.ReadonlyRootfs}} {{.HostConfig.Init}}", "true true"), ("{{.Config.StopSignal}}", "SIGUSR1"),
        ("{{.HostConfig.Dns}} {{.HostConfig.DnsSearch}} {{.HostConfig.DnsOptions}}", "[10.0.0.1] [x.y] [ndots:2]"),
        ("{{.HostConfig.ExtraHosts}}", "[a:1.2.3.4 b:1.2.3.4]"), ("{{json .HostConfig.Sysctls}}", #"{"kernel.msgmax":"4096"}"#),
        ("{{.HostConfig.CapAdd}} {{.HostConfig.CapDrop}}", "[CAP_NET_ADMIN] [CAP_CHOWN]"),
        ("{{json .HostConfig.Ulimits}}", #"[{"Name":"nofile","Hard":200,"Soft":100}]"#),
        ("{{.HostConfig.OomScoreAdj}} {{.HostConfig.PidsLimit}}", "100 50"),
        ("{{.HostConfig.NanoCpus}} {{.HostConfig.Memory}} {{.HostConfig.MemoryReservation}}", "500000000 67108864 33554432"),
        ("{{json .Config.Healthcheck}}", #"{"Test":["CMD","true"],"Interval":7000000000,"Timeout":2000000000,"Retries":3}"#),
        ("{{.HostConfig.SecurityOpt}}", "[no-new-privileges seccomp=unconfined]"),
        (
          "{{json .HostConfig.PortBindings}}",
          #"{"53/udp":[{"HostIp":"","HostPort":""}],"80/tcp":[{"HostIp":"","HostPort":"18080"}]}"#
        ),
        ("{{json .Config.ExposedPorts}}", #"{"53/udp":{},"80/tcp":{}}"#),
        ("{{.HostConfig.LogConfig.Type}} {{json .HostConfig.LogConfig.Config}}", #"json-file {"max-size":"1m"}"#),
        ("{{.HostConfig.NetworkMode}} {{.HostConfig.RestartPolicy.Name}}", "none no"), ("{{len .HostConfig.Mounts}}", "3"),
        (
          "{{json (index .HostConfig.Mounts 0)}}",
          #"{"Type":"tmpfs","Target":"/t","TmpfsOptions":{"SizeBytes":1048576,"Mode":448}}"#
        ),
        (
          "{{json (index .HostConfig.Mounts 1)}}",
          #"{"Type":"bind","Source":"/tmp","Target":"/b","ReadOnly":true,"BindOptions":{"Propagation":"rslave"}}"#
        ),
        (
          "{{json (index .HostConfig.Mounts 2)}}",
          #"{"Type":"volume","Source":"vol-1","Target":"/v","VolumeOptions":{"Labels":{"l":"m"},"DriverConfig":{"Name":"local"}}}"#
        ),
      ]
      for (template, value) in expected { #expect(await node.inspect(task, template) == value, "\(template)") }
      try await controller.remove()
      await node.engine.docker("volume rm vol-1")
    }
  }

  @Test("a command replaces the image's entry point, arguments alone don't")
  func command() async throws {
    try await TestNode.with { node in
      let task = try shellTask(
        "",
        spec: { spec in
          spec.command = ["echo", "a"]
          spec.args = ["b c"]
        }
      )
      let controller = try await node.controller(task)
      try await controller.launch()
      _ = try await controller.wait()
      try await #expect(controller.output() == ["1:a b c\n"])
    }
  }

  @Test("secrets and configs are files, and are gone with the task")
  func files() async throws {
    try await TestNode.with { node in
      let secret = Secret(id: try #require(SecretID(padded("s1"))), spec: SecretSpec(data: Array("s3cret".utf8)))
      let config = Config(
        id: try #require(ConfigID(padded("c1"))),
        spec: ConfigSpec(
          data: Array("task {{.Task.Slot}} {{secret \"key\"}} {{env \"A\"}}".utf8),
          templating: Driver(name: "golang")
        )
      )
      let task = try shellTask(
        "cat /run/secrets/key; echo; stat -c '%a %u %g' /run/secrets/key /etc/app.conf; cat /etc/app.conf; echo; cat /plain",
        spec: { spec in
          spec.env = ["A=1"]
          spec.secrets = [
            SecretReference(
              secretID: secret.id,
              secretName: "key",
              file: FileTarget(name: "key", uid: "7", gid: "8", mode: 0o400)
            )
          ]
          spec.configs = [
            ConfigReference(
              configID: config.id,
              configName: "c",
              file: FileTarget(name: "/etc/app.conf", uid: "0", gid: "0", mode: 0o444)
            ),
            ConfigReference(
              configID: config.id,
              configName: "c",
              file: FileTarget(name: "plain", uid: "0", gid: "0", mode: 0o444)
            ),
          ]
        }
      )
      let controller = try await node.controller(task) { context in
        context.secrets = [secret]
        context.configs = [config]
      }
      try await controller.launch()
      _ = try await controller.wait()
      #expect(
        try await controller.output().map { $0.dropFirst(2) }.joined()
          == "s3cret\n400 7 8\n444 0 0\ntask 1 s3cret 1\ntask 1 s3cret 1"
      )
      let lying = await TestEngine.run("find \(node.secretsDirectory) \(node.context.directory) -type f | wc -l")
      #expect(lying.output == "3")
      try await controller.remove()
      #expect(await TestEngine.run("find \(node.secretsDirectory) \(node.context.directory) -type f | wc -l").output == "0")
    }
  }

  @Test("a secret that the manager didn't send is named, and a directory that others can write to is refused")
  func refusedFiles() async throws {
    try await TestNode.with { node in
      let reference = SecretReference(secretName: "key", file: FileTarget(name: "key"))
      let missing = try await node.controller(try shellTask("true", spec: { $0.secrets = [reference] }))
      await #expect(failure { try await missing.prepare() }?.message == "secret key did not come with the task")
      _ = await TestEngine.run("mkdir -m 777 -p \(node.secretsDirectory)")
      let open = try await node.controller(try shellTask("true", spec: { $0.secrets = [reference] })) { context in
        context.secrets = [Secret(spec: SecretSpec(data: [1]))]
      }
      await #expect(failure { try await open.prepare() }?.code == .invalidState)
    }
  }

  @Test("a credential specification from a config reaches the engine as its content, which is none of Linux'")
  func credentials() async throws {
    try await TestNode.with { node in
      let config = Config(id: try #require(ConfigID(padded("c1"))), spec: ConfigSpec(data: Array("{}".utf8)))
      let task = try shellTask(
        "true",
        spec: { spec in
          spec.privileges = Privileges(credentialSpec: .init(config: "\(config.id)"))
          spec.configs = [ConfigReference(configID: config.id, configName: "c")]
        }
      )
      let controller = try await node.controller(task) { $0.configs = [config] }
      let refusal = await failure { try await controller.prepare() }
      #expect(refusal?.message.contains("credentialspec=raw://{}") == true, "\(String(describing: refusal))")
      let missing = await failure { try await node.controller(task).prepare() }
      #expect(missing?.message == "config c did not come with the task")
      let unnamed = try shellTask("true", spec: { $0.privileges = Privileges(credentialSpec: .init(config: "c2")) })
      let unknown = await failure { try await node.controller(unnamed).prepare() }
      #expect(unknown?.message == "config c2 is not one of the task's")
    }
  }

  @Test("tasks are on the networks that they name")
  func networks() async throws {
    try await TestNode.with { node in
      let host = try shellTask("true", 1, template: { $0.networks = [NetworkAttachmentConfig(target: "host", aliases: ["web"])] })
      try await node.controller(host).prepare()
      #expect(await node.inspect(host, "{{.HostConfig.NetworkMode}}") == "host")
      let none = try shellTask(
        "true",
        2,
        task: { $0.networks = [NetworkAttachment(network: Network(spec: NetworkSpec(annotations: Annotations(name: "host"))))] }
      )
      try await node.controller(none).prepare()
      #expect(await node.inspect(none, "{{.HostConfig.NetworkMode}}") == "host")
      // A network of the swarm alone: the task is where one without networks is.
      let elsewhere = try shellTask("true", 3, template: { $0.networks = [NetworkAttachmentConfig(target: "no-such-net")] })
      try await node.controller(elsewhere).prepare()
      let without = try shellTask("true", 4)
      try await node.controller(without).prepare()
      let mode = await node.inspect(without, "{{.HostConfig.NetworkMode}}")
      #expect(await node.inspect(elsewhere, "{{.HostConfig.NetworkMode}}") == mode)
    }
  }
}
