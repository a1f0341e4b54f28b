// SPDX-License-Identifier: Apache-2.0

import Compose
import EngineSchema
import Testing

@Suite("several compose files")
struct MergeTests {
  @Test(
    "a later file is laid over an earlier one",
    arguments: [
      ("hostname: a", "hostname: b", "ContainerSpec.Hostname", #""b""#),
      ("hostname: a", "hostname:", "ContainerSpec.Hostname", #""a""#),
      ("command: [a, b]", "command: [c]", "ContainerSpec.Args", #"["c"]"#),
      ("entrypoint: a", "entrypoint: [b]", "ContainerSpec.Command", #"["b"]"#),
      (
        "healthcheck: {test: [CMD, a], retries: 1}", "healthcheck: {test: [CMD, b]}", "ContainerSpec.Healthcheck",
        #"{"Test":["CMD","b"],"Retries":1}"#
      ),
      ("environment: [A=1, B=2]", "environment: {B: 3, C: 4}", "ContainerSpec.Env", #"["A=1","B=3","C=4"]"#),
      ("labels: {a: 1}", "labels: [a=2, b=3]", "ContainerSpec.Labels", #"{"a":"2","b":"3","com.docker.stack.namespace":"st"}"#),
      ("cap_add: [A, B]", "cap_add: [B, C]", "ContainerSpec.CapabilityAdd", #"["CAP_A","CAP_B","CAP_C"]"#),
      ("dns: a", "dns: [b]", "ContainerSpec.DNSConfig.Nameservers", #"["a","b"]"#),
      (
        "volumes: ['/a:/x', '/b:/y']", "volumes: ['/c:/x:ro']", "ContainerSpec.Mounts",
        #"[{"Type":"bind","Source":"/c","Target":"/x","ReadOnly":true},{"Type":"bind","Source":"/b","Target":"/y"}]"#
      ),
      (
        "volumes: ['/a:/x']", "volumes: [{type: bind, source: /c, target: /x}]", "ContainerSpec.Mounts",
        #"[{"Type":"bind","Source":"/c","Target":"/x"}]"#
      ),
      (
        "secrets: [s]", "secrets: [{source: s, mode: 0400}]", "ContainerSpec.Secrets",
        #"[{"File":{"Name":"s","UID":"0","GID":"0","Mode":256},"SecretName":"st_s"}]"#
      ),
      (
        "networks: [n]", "networks: {n: {aliases: [b]}, m: }", "Networks",
        #"[{"Target":"st_m","Aliases":["web"]},{"Target":"st_n","Aliases":["web","b"]}]"#
      ),
      (
        "deploy: {resources: {limits: {cpus: 1}}}", "deploy: {resources: {limits: {memory: 1k}}}", "Resources.Limits",
        #"{"NanoCPUs":1000000000,"MemoryBytes":1024}"#
      ),
      ("cap_add: [A]", "cap_add: !override [B]", "ContainerSpec.CapabilityAdd", #"["CAP_B"]"#),
      ("cap_add: [A]", "cap_add: !reset []", "ContainerSpec.CapabilityAdd", "-"),
      ("environment: {A: 1}", "environment: !override {B: 2}", "ContainerSpec.Env", #"["B=2"]"#),
      ("environment: {A: 1, B: 2}", "environment: {A: !reset null}", "ContainerSpec.Env", #"["B=2"]"#),
    ]
  )
  func over(base: String, override: String, path: String, expected: String) throws {
    let lower = "services:\n  web:\n    image: x\n    \(base)\nnetworks: {n: , m: }\nsecrets: {s: {content: x}}"
    let stack = try stack([("/p/a.yml", lower), ("/p/sub/b.yml", "services:\n  web:\n    \(override)\n")])
    let template = try JSONValue(encoding: #require(stack.services.first?.taskTemplate))
    #expect(value(template, at: path) == expected)
  }

  @Test("ports of later files are added, the same port counts once")
  func ports() throws {
    let stack = try stack([
      ("a.yml", "services: {web: {image: x, ports: ['80:80', '81:81']}}"),
      ("b.yml", "services: {web: {ports: ['80:80', '82:82/udp']}}"),
    ])
    #expect(stack.services.first?.endpointSpec?.ports?.map(\.publishedPort) == [80, 81, 82])
  }

  @Test("a later file can add services, take them away and change sections")
  func sections() throws {
    let stack = try stack([
      ("a.yml", "services: {a: {image: x, networks: [n]}, command: {image: y}}\nnetworks: {n: {attachable: true}}"),
      ("b.yml", "services: {b: {image: z}, command: {hostname: h}, a: {image: x2}}\nnetworks: {n: {internal: true}}"),
      ("c.yml", "services: {b: !reset }"),
    ])
    #expect(stack.services.compactMap(\.name) == ["st_a", "st_command"])
    #expect(stack.services.map { $0.taskTemplate?.containerSpec?.image } == ["x2:latest", "y:latest"])
    let network = try #require(stack.networks.first { $0.name == "st_n" }?.body?.text)
    #expect(network.contains(#""Attachable":true,"Internal":true"#))
  }

  @Test("a service is laid over the one that it extends")
  func extending() throws {
    let base = "services: {base: {image: b, env_file: x.env, environment: {A: 1, B: 1}, volumes: ['./d:/d']}}"
    let stack = try stack(
      """
      services:
        web: {extends: {service: middle}, environment: [B=3]}
        middle: {extends: {file: sub/base.yml, service: base}, hostname: m, environment: {B: 2, C: 2}}
      """,
      files: ["/project/sub/base.yml": base, "/project/sub/x.env": "E=e\n"]
    )
    let web = try #require(stack.services.first { $0.name == "st_web" }?.taskTemplate?.containerSpec)
    #expect(web.image == "b:latest")
    #expect(web.hostname == "m")
    #expect(web.env == ["A=1", "B=3", "C=2", "E=e"])
    #expect(web.mounts?.first?.source == "/project/sub/d")
  }

  @Test("what can't be extended is named")
  func wrongExtensions() {
    #expect(failure("services:\n  a:\n    extends: b").contains(":3:5: services.a.extends: there is no service \"b\""))
    #expect(failure("services: {a: {extends: {file: f.yml, service: b}}}").contains("/project/f.yml can't be read"))
    #expect(failure("services: {a: {extends: {file: f.yml}}}").contains("service is missing"))
    #expect(failure("services: {a: {extends: {service: b, x: y}}}").contains("unknown key \"x\""))
  }

  @Test("merge keys and aliases")
  func mergeKeys() throws {
    let stack = try stack(
      """
      x-base: &base {image: b, hostname: h, environment: {A: 1}}
      x-more: &more {hostname: m, user: u}
      services:
        one: {<<: *base, image: own}
        two: {<<: [*more, *base]}
      """
    )
    let containers = stack.services.compactMap { $0.taskTemplate?.containerSpec }
    #expect(containers.map(\.image) == ["own:latest", "b:latest"])
    #expect(containers.map(\.hostname) == ["h", "m"])
    #expect(containers.map(\.user) == [nil, "u"])
  }
}
