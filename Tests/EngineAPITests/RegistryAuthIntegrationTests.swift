// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import Foundation
import SwarmModel
import Testing

/// Credentials for registries on their way from a client to the nodes that fetch images.
@Suite("credentials for registries")
struct RegistryAuthIntegrationTests {
  private static let path = "/services/web/update"
  private static let body =
    #"{"Name":"web","TaskTemplate":{"ContainerSpec":{"Image":"reg.example/a"}},"Mode":{"Replicated":{"Replicas":2}}}"#

  private static func stored(_ swarm: ScriptedSwarm) async throws -> String? {
    try await swarm.service("web").spec.task.container?.pullOptions?.registryAuth
  }

  @Test("what comes with a service is kept for its nodes, through updates without it, and shown to nobody")
  func header() async throws {
    let swarm = ScriptedSwarm.active()
    try await RunningServer.with(swarm) { server in
      func update(_ query: String = "", auth: String? = nil) async throws -> RunningServer.Answer {
        let index = try await swarm.service("web").meta.version.index
        let headers = auth.map { [("X-Registry-Auth", $0)] } ?? []
        return try await server.request("POST", "\(Self.path)?version=\(index)\(query)", headers: headers, body: Self.body)
      }
      let created = try await server.request(
        "POST",
        "/services/create",
        headers: [("X-Registry-Auth", "Zmlyc3Q=")],
        body: Self.body
      )
      #expect(created.status == 201)
      #expect(try await Self.stored(swarm) == "Zmlyc3Q=")
      let tasks = swarm.change { $0.tasks.count }
      #expect(try await update().status == 200)
      #expect(try await update("&registryAuthFrom=spec").status == 200)
      #expect(try await Self.stored(swarm) == "Zmlyc3Q=")
      // Nothing has changed for the tasks: none is replaced.
      #expect(swarm.change { $0.tasks.count } == tasks)
      #expect(try await update(auth: "c2Vjb25k").status == 200)
      #expect(try await Self.stored(swarm) == "c2Vjb25k")
      #expect(try await update("&registryAuthFrom=previous-spec").status == 200)
      #expect(try await Self.stored(swarm) == "Zmlyc3Q=")
      let wrong = try await update("&registryAuthFrom=thin-air")
      #expect(wrong.status == 400 && wrong.message == "unsupported registryAuthFrom value: thin-air")
      for path in ["/services", "/services/web", "/tasks"] {
        let shown = try await server.request("GET", path)
        #expect(shown.status == 200 && !shown.text.contains("Zmlyc3Q") && !shown.text.contains("c2Vjb25k"))
      }
      let spec = try await swarm.service("web").spec
      #expect(!"\(spec)".contains("Zmlyc3Q"))
    }
  }

  @Test("without a previous specification there are no credentials to take from it")
  func noPreviousSpec() async throws {
    let swarm = ScriptedSwarm.active()
    try await RunningServer.with(swarm) { server in
      #expect(try await server.request("POST", "/services/create", body: Self.body).status == 201)
      let index = try await swarm.service("web").meta.version.index
      let answer = try await server.request(
        "POST",
        "\(Self.path)?version=\(index)&registryAuthFrom=previous-spec",
        body: Self.body
      )
      #expect(answer.status == 400 && answer.message?.hasSuffix("does not have a previous spec") == true, "\(answer)")
    }
  }

  @Test("what the API has no words for outlives an update through it")
  func unspoken() async throws {
    let swarm = ScriptedSwarm.active()
    var spec = ServiceSpec(name: "web", image: "reg.example/a", replicas: 1)
    spec.task.resources = ResourceRequirements(swapBytes: 1 << 20, memorySwappiness: 10)
    _ = try await swarm.createService(spec)
    try await RunningServer.with(swarm) { server in
      let scaled = await server.swarmctl(["service", "scale", "-d", "web=2"])
      #expect(scaled.exitCode == 0, "\(scaled)")
    }
    let resources = try await swarm.service("web").spec.task.resources
    #expect(resources?.swapBytes == 1 << 20 && resources?.memorySwappiness == 10)
  }

  // MARK: - swarmctl

  /// Docker's configuration file, in a directory of its own.
  private static func configuration(_ text: String) throws -> TemporaryDirectory {
    let directory = try TemporaryDirectory()
    try Data(text.utf8).write(to: URL(fileURLWithPath: "\(directory.path)/config.json"))
    return directory
  }

  private static let logins = """
    {"auths":{"reg.example":{"auth":"bWU6c2VjcmV0"},"https://other.example:5000/v1/":{"identitytoken":"t"},
    "https://index.docker.io/v1/":{"auth":"aHViOnB3"},"bad.example":{"auth":"%%%"},"empty.example":{}},
    "credHelpers":{"kept.example":"pass"}}
    """

  /// What the swarm has of the credentials, decoded.
  private static func sent(for image: String, _ logins: String, _ command: [String]? = nil) async throws -> (
    String?, CommandOutput
  ) {
    let directory = try Self.configuration(logins)
    let swarm = ScriptedSwarm.active()
    let output = try await RunningServer.with(swarm) { server in
      let arguments = command ?? ["service", "create", "-d", "-q", "--with-registry-auth", "--name", "web", image]
      return await server.swarmctl(arguments, environment: ["DOCKER_CONFIG": directory.path])
    }
    guard let text = try? await Self.stored(swarm) else { return (nil, output) }
    let standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
    return (Base64Bytes(base64: standard).map { String(decoding: $0.bytes, as: UTF8.self) }, output)
  }

  @Test(
    "the flag sends what docker has for the image's registry",
    arguments: [
      ("reg.example/a/b:1", #"{"username":"me","password":"secret","serveraddress":"reg.example"}"#),
      ("other.example:5000/a", #"{"serveraddress":"https://other.example:5000/v1/","identitytoken":"t"}"#),
      ("nginx", #"{"username":"hub","password":"pw","serveraddress":"https://index.docker.io/v1/"}"#),
      ("docker.io/library/nginx:1", #"{"username":"hub","password":"pw","serveraddress":"https://index.docker.io/v1/"}"#),
      ("unknown.example/a", nil), ("empty.example/a", nil),
    ] as [(String, String?)]
  )
  func flag(image: String, header: String?) async throws {
    let (sent, output) = try await Self.sent(for: image, Self.logins)
    #expect(output.exitCode == 0 && output.errors.isEmpty, "\(output)")
    #expect(sent == header)
  }

  @Test("without the flag nothing is sent")
  func noFlag() async throws {
    let command = ["service", "create", "-d", "-q", "--name", "web", "reg.example/a"]
    let (sent, output) = try await Self.sent(for: "", Self.logins, command)
    #expect(output.exitCode == 0 && sent == nil)
  }

  @Test("credentials that a program keeps aren't sent, and the program is named")
  func helper() async throws {
    let (sent, output) = try await Self.sent(for: "kept.example/a", Self.logins)
    #expect(output.exitCode == 0 && sent == nil)
    #expect(output.errors.contains("kept.example") && output.errors.contains("docker-credential-pass"), "\(output.errors)")
    let store = #"{"auths":{"reg.example":{}},"credsStore":"desktop"}"#
    #expect(try await Self.sent(for: "reg.example/a", store).1.errors.contains("docker-credential-desktop"))
    // Nobody has logged in there.
    #expect(try await Self.sent(for: "unknown.example/a", store).1.errors.isEmpty)
  }

  @Test("an entry or a file that makes no sense is named, without its contents")
  func damaged() async throws {
    let entry = try await Self.sent(for: "bad.example/a", Self.logins).1
    #expect(entry.exitCode == 1 && entry.errors.contains("config.json") && entry.errors.contains("bad.example"), "\(entry)")
    #expect(!entry.errors.contains("%%%"))
    let file = try await Self.sent(for: "reg.example/a", "nonsense").1
    #expect(file.exitCode == 1 && file.errors.contains("config.json"), "\(file)")
  }

  @Test("a stack's services and an update get the credentials as well")
  func stackAndUpdate() async throws {
    let directory = try Self.configuration(Self.logins)
    let environment = ["DOCKER_CONFIG": directory.path]
    let file = "\(directory.path)/stack.yml"
    try Data("services: {web: {image: reg.example/a}}".utf8).write(to: URL(fileURLWithPath: file))
    let swarm = ScriptedSwarm.active()
    try await RunningServer.with(swarm) { server in
      func auth() async throws -> String? {
        try await swarm.service("st_web").spec.task.container?.pullOptions?.registryAuth
      }
      let deploy = ["stack", "deploy", "-c", file, "st"]
      #expect(await server.swarmctl(deploy, environment: environment).exitCode == 0)
      #expect(try await auth() == nil)
      let updated = await server.swarmctl(
        ["service", "update", "-d", "-q", "--with-registry-auth", "st_web"],
        environment: environment
      )
      #expect(updated.exitCode == 0, "\(updated)")
      let first = try #require(try await auth())
      #expect(await server.swarmctl(deploy, environment: environment).exitCode == 0)
      #expect(try await auth() == first)
      #expect(await server.swarmctl(["stack", "rm", "st"]).exitCode == 0)
      #expect(await server.swarmctl(deploy + ["--with-registry-auth"], environment: environment).exitCode == 0)
      #expect(try await auth() == first)
    }
  }
}
