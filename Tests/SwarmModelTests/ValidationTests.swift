// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

@Suite("Validation")
struct ValidationTests {
  private func service(_ change: (inout ServiceSpec) -> Void = { _ in }) -> ServiceSpec {
    var spec = ServiceSpec(
      annotations: Annotations(name: "web"),
      task: TaskSpec(runtime: .container(ContainerSpec(image: "nginx")))
    )
    change(&spec)
    return spec
  }

  private func message(_ spec: ServiceSpec) -> String? {
    do throws(SwarmError) {
      try spec.validate()
      return nil
    } catch {
      #expect(error.code == .invalidArgument)
      return error.message
    }
  }

  private func container(_ change: (inout ContainerSpec) -> Void) -> ServiceSpec {
    var container = ContainerSpec(image: "nginx")
    change(&container)
    return self.service { $0.task.container = container }
  }

  @Test("a plain service is accepted")
  func accepted() {
    #expect(self.message(self.service()) == nil)
    #expect(self.message(self.service { $0 = $0.insertingDefaults() }) == nil)
  }

  @Test("names are those of hosts", arguments: ["a", "web-1", "A_b--c", "0", String(repeating: "a", count: 63)])
  func names(name: String) {
    #expect(self.message(self.service { $0.annotations.name = name }) == nil)
  }

  @Test(
    "other names are refused",
    arguments: [
      ("", "meta: name must be provided"),
      ("-a", "name must be valid as a DNS name component"),
      ("a-", "name must be valid as a DNS name component"),
      ("a.b", "name must be valid as a DNS name component"),
      ("a b", "name must be valid as a DNS name component"),
      ("é", "name must be valid as a DNS name component"),
      (String(repeating: "a", count: 64), "name must be 63 characters or fewer"),
    ]
  )
  func refusedNames(name: String, message: String) {
    #expect(self.message(self.service { $0.annotations.name = name }) == message)
  }

  @Test(
    "images are references",
    arguments: [
      "nginx", "nginx:1.25", "library/nginx", "registry.example.com:5000/a/b:latest", "a__b", "a---b", "localhost/x",
      "nginx@sha256:" + String(repeating: "0", count: 64), "my.registry/img:tag@sha256:" + String(repeating: "a", count: 64),
    ]
  )
  func images(image: String) {
    #expect(self.message(self.container { $0.image = image }) == nil)
  }

  @Test(
    "other images are refused",
    arguments: [
      "Nginx", "nginx:", "nginx:a b", "a//b", "/a", "a/", "a..b", "a.", "-a", "a:b:c", "nginx@sha256:12", "https://a/b", "a b",
      "a___b",
      ":tag", "@", String(repeating: "a", count: 2000),
    ]
  )
  func refusedImages(image: String) {
    #expect(
      self.message(self.container { $0.image = image })
        == "ContainerSpec: \"\(image)\" is not a valid repository/tag"
    )
  }

  @Test("a missing image or runtime is refused")
  func missing() {
    #expect(self.message(self.container { $0.image = "" }) == "ContainerSpec: image reference must be provided")
    #expect(self.message(self.service { $0.task.runtime = .other }) == "TaskSpec: missing runtime")
  }

  @Test("resources have least amounts")
  func resources() {
    func limits(_ resources: Resources) -> ServiceSpec {
      self.service { $0.task.resources = ResourceRequirements(limits: resources) }
    }
    #expect(self.message(limits(Resources(nanoCPUs: 1_000_000, memoryBytes: 4 << 20))) == nil)
    #expect(self.message(limits(Resources(memoryBytes: 1))) == "invalid memory value 1: Must be at least 4MiB")
    #expect(self.message(limits(Resources(memoryBytes: -5))) == "invalid memory value -5: Must be at least 4MiB")
    #expect(self.message(limits(Resources(nanoCPUs: 1))) == "invalid cpu value 1e-09: Must be at least 0.001")
    #expect(self.message(limits(Resources(generic: [.discrete(kind: "gpu", value: 0)]))) != nil)
    let reserved = self.service {
      $0.task.resources = ResourceRequirements(reservations: Resources(memoryBytes: 1))
    }
    #expect(self.message(reserved) == "invalid memory value 1: Must be at least 4MiB")
  }

  @Test("updates have possible numbers")
  func updates() {
    func update(_ config: UpdateConfig) -> String? { self.message(self.service { $0.update = config }) }
    #expect(update(UpdateConfig(delay: .seconds(-1))) == "TaskSpec: update-delay cannot be negative")
    #expect(update(UpdateConfig(monitor: .seconds(-1))) == "TaskSpec: update-monitor cannot be negative")
    for ratio in [-0.1, 1.1, .nan, .infinity] as [Float] {
      #expect(
        update(UpdateConfig(maxFailureRatio: ratio))
          == "TaskSpec: update-maxfailureratio cannot be less than 0 or bigger than 1"
      )
    }
    #expect(update(UpdateConfig(failureAction: .rollback, maxFailureRatio: 1)) == nil)
    #expect(self.message(self.service { $0.rollback = UpdateConfig(failureAction: .rollback) }) == nil)
  }

  @Test("restart policies have possible numbers")
  func restarts() {
    #expect(
      self.message(self.service { $0.task.restart = RestartPolicy(delay: .seconds(-1)) })
        == "TaskSpec: restart-delay cannot be negative"
    )
    #expect(
      self.message(self.service { $0.task.restart = RestartPolicy(window: .seconds(-1)) })
        == "TaskSpec: restart-window cannot be negative"
    )
  }

  @Test("published ports are told apart")
  func ports() {
    func ports(_ mode: EndpointSpec.ResolutionMode, _ ports: PortConfig...) -> String? {
      self.message(self.service { $0.endpoint = EndpointSpec(mode: mode, ports: ports) })
    }
    let http = PortConfig(targetPort: 80, publishedPort: 8080)
    let duplicate = "EndpointSpec: duplicate published ports provided"
    #expect(ports(.vip, http, http) == duplicate)
    #expect(ports(.vip, http, PortConfig(targetPort: 81, publishedPort: 8080)) == duplicate)
    #expect(ports(.vip, http, PortConfig(protocol: .udp, targetPort: 80, publishedPort: 8080)) == nil)
    #expect(ports(.vip, PortConfig(targetPort: 80), PortConfig(targetPort: 81)) == nil)
    #expect(
      ports(.dnsrr, http) == "EndpointSpec: port published with ingress mode can't be used with dnsrr mode"
    )
    #expect(ports(.dnsrr, PortConfig(targetPort: 80, publishedPort: 8080, publishMode: .host)) == nil)
    #expect(ports(.vip, PortConfig(targetPort: 0)) != nil)
    #expect(ports(.vip, PortConfig(targetPort: 80, publishedPort: 70_000)) != nil)
  }

  @Test("a container's parts are checked")
  func containers() {
    #expect(
      self.message(self.container { $0.stopGracePeriod = .seconds(-1) })
        == "ContainerSpec: stop-grace-period cannot be negative"
    )
    #expect(
      self.message(self.container { $0.mounts = [Mount(target: "/a"), Mount(target: "/a")] })
        == "ContainerSpec: duplicate mount point: /a"
    )
    #expect(
      self.message(self.container { $0.healthcheck = HealthConfig(interval: .seconds(-1)) })
        == "ContainerSpec: Interval in HealthConfig cannot be negative"
    )
    #expect(
      self.message(self.container { $0.healthcheck = HealthConfig(timeout: .microseconds(999)) })
        == "ContainerSpec: Timeout in HealthConfig cannot be less than 1ms"
    )
    #expect(self.message(self.container { $0.healthcheck = HealthConfig(interval: .zero, timeout: .milliseconds(1)) }) == nil)
    let digits = String(repeating: "0a", count: 32)
    #expect(self.message(self.container { $0.image = digits }) == "ContainerSpec: \"\(digits)\" is not a valid repository/tag")
    let secrets = ["s1", "s2"].map { SecretReference(secretName: $0, file: FileTarget(name: "f")) }
    #expect(
      self.message(self.container { $0.secrets = secrets })
        == "secret references 's1' and 's2' have a conflicting target: 'f'"
    )
  }

  @Test("placeholders that nobody could replace are refused")
  func placeholders() {
    #expect(
      self.message(self.container { $0.hostname = "{{.Task.Slto}}" })
        == "expanding hostname failed: unknown placeholder {{.Task.Slto}} in \"{{.Task.Slto}}\""
    )
    #expect(
      self.message(self.container { $0.env = ["A={{.Task.Slot}}", "B={{ .Node.Hostname"] })
        == "expanding env failed: unclosed placeholder in \"B={{ .Node.Hostname\""
    )
    #expect(
      self.message(self.container { $0.mounts = [Mount(source: "{{.Task.Slot}}{{.Name}}", target: "/a")] })
        == "expanding mounts failed: unknown placeholder {{.Name}} in \"{{.Task.Slot}}{{.Name}}\""
    )
    for unknown in [".Nod", ".Task.Slot.X", ".Service.Labels.foo", ".Env"] {
      #expect(
        self.message(self.container { $0.env = ["A={{\(unknown)}}"] })
          == "expanding env failed: unknown placeholder {{\(unknown)}} in \"A={{\(unknown)}}\""
      )
    }
    #expect(self.message(self.container { $0.env = ["A={{ }}"] }) == "expanding env failed: empty placeholder in \"A={{ }}\"")
    // Docker Engines print what these have in them.
    #expect(self.message(self.container { $0.env = ["A={{.Node}}", "B={{.Node.Platform}}", "C={{.}}"] }) == nil)
    let known = #"{{.Service.Name}} {{ .Task.Slot }} {{index .Service.Labels "a.b"}} {{if .Task.Slot}}}}"#
    #expect(self.message(self.container { $0.env = [known, "C=}}{"] }) == nil)
  }

  @Test("a bad constraint is refused with docker's sentence")
  func constraints() {
    #expect(
      self.message(self.service { $0.task.placement = Placement(constraints: ["node.role"]) })
        == "constraint expected one operator from ==, !="
    )
  }

  @Test("jobs have no updates, and only replicated services a limit per node")
  func modes() {
    #expect(self.message(self.service { $0.mode = .globalJob }) == nil)
    #expect(
      self.message(
        self.service {
          $0.mode = .globalJob
          $0.update = UpdateConfig()
        }
      ) != nil
    )
    #expect(
      self.message(
        self.service {
          $0.mode = .global
          $0.task.placement = Placement(maxReplicas: 1)
        }
      ) != nil
    )
  }

  @Test("the cluster is named default and its certificates last an hour at least")
  func clusters() throws {
    try ClusterSpec().validate()
    func message(_ spec: ClusterSpec) -> String? {
      let error = #expect(throws: SwarmError.self) { try spec.validate() }
      return error?.message
    }
    let renamed = ClusterSpec(annotations: Annotations(name: "other"))
    #expect(message(renamed) == #"swarm spec must be named "default""#)
    let short = ClusterSpec(caConfig: CAConfig(nodeCertExpiry: .seconds(3599)))
    #expect(message(short)?.contains("minimum certificate expiry time") == true)
  }
}
