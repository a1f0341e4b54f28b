// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("Store: secrets and configs")
struct StoreSecretTests {
  private static func secret(_ name: String, _ data: [UInt8] = [1]) -> SecretSpec {
    SecretSpec(annotations: Annotations(name: name), data: data)
  }

  private static func config(_ name: String, _ data: [UInt8] = [1]) -> ConfigSpec {
    ConfigSpec(annotations: Annotations(name: name), data: data)
  }

  private func run(_ request: ControlRequest, on fixture: inout StoreFixture) -> ControlResponse {
    do throws(SwarmError) {
      let changes = try ControlRequest.changes(for: request, in: fixture.store, now: fixture.time, ids: &fixture.ids)
      return request.response(to: fixture.apply(changes).outcome)
    } catch {
      return .failure(error)
    }
  }

  private func failure(_ request: ControlRequest, on fixture: inout StoreFixture) -> SwarmError? {
    guard case .failure(let error) = self.run(request, on: &fixture) else { return nil }
    return error
  }

  @Test("a secret is created, found, labelled and removed")
  func secretLifecycle() throws {
    var fixture = StoreFixture()
    guard case .object(let id, let version) = self.run(.createSecret(Self.secret("s1", [1, 2])), on: &fixture) else {
      Issue.record("not created")
      return
    }
    #expect(version == Version(index: 1))
    let secret = try fixture.store.resolveSecret("S1")
    #expect(secret.id.description == id)
    #expect(secret.spec.data == [1, 2])
    #expect(try fixture.store.resolveSecret(String(id.prefix(5))).id == secret.id)
    var labelled = Self.secret("s1", [])
    labelled.annotations.labels = ["a": "b"]
    #expect(
      self.run(.updateSecret(reference: "s1", version: 1, spec: labelled), on: &fixture) == .done(version: Version(index: 2))
    )
    #expect(fixture.store.secret(secret.id)?.spec.data == [1, 2])
    #expect(fixture.store.secret(secret.id)?.spec.annotations.labels == ["a": "b"])
    #expect(self.run(.removeSecret(reference: "s1"), on: &fixture) == .done(version: Version(index: 3)))
    #expect(fixture.store.secrets().isEmpty)
    #expect(self.failure(.removeSecret(reference: "s1"), on: &fixture)?.message == "secret s1 not found")
  }

  @Test("a config is created, found, labelled and removed")
  func configLifecycle() throws {
    var fixture = StoreFixture()
    guard case .object = self.run(.createConfig(Self.config("c.1", [7])), on: &fixture) else {
      Issue.record("not created")
      return
    }
    var labelled = Self.config("c.1", [7])
    labelled.annotations.labels = ["a": "b"]
    #expect(
      self.run(.updateConfig(reference: "c.1", version: 1, spec: labelled), on: &fixture) == .done(version: Version(index: 2))
    )
    #expect(try fixture.store.resolveConfig("c.1").spec.annotations.labels == ["a": "b"])
    #expect(self.run(.removeConfig(reference: "c.1"), on: &fixture) == .done(version: Version(index: 3)))
    #expect(fixture.store.configs().isEmpty)
  }

  @Test("refusals have docker's sentences")
  func refusals() throws {
    var fixture = StoreFixture()
    _ = self.run(.createSecret(Self.secret("s1")), on: &fixture)
    _ = self.run(.createConfig(Self.config("c1")), on: &fixture)
    #expect(
      self.failure(.createSecret(Self.secret("s1")), on: &fixture)
        == SwarmError(code: .alreadyExists, message: "secret s1 already exists")
    )
    #expect(self.failure(.createConfig(Self.config("C1")), on: &fixture)?.message == "config C1 already exists")
    let badName = SwarmError(
      code: .invalidArgument,
      message: "invalid name, only 64 [a-zA-Z0-9-_.] characters allowed, and the start and end character must be [a-zA-Z0-9]"
    )
    for name in ["a b", "-a", "a.", "ä", String(repeating: "a", count: 65)] {
      #expect(self.failure(.createSecret(Self.secret(name)), on: &fixture) == badName)
      #expect(self.failure(.createConfig(Self.config(name)), on: &fixture) == badName)
    }
    #expect(
      self.failure(.updateSecret(reference: "s1", version: 1, spec: Self.secret("s1", [9])), on: &fixture)
        == SwarmError(code: .invalidArgument, message: "only updates to Labels are allowed")
    )
    #expect(
      self.failure(.updateConfig(reference: "c1", version: 2, spec: Self.config("c2")), on: &fixture)?.message
        == "only updates to Labels are allowed"
    )
    #expect(
      self.failure(.updateSecret(reference: "s1", version: 9, spec: Self.secret("s1")), on: &fixture)?.code == .outOfSequence
    )
    #expect(
      self.failure(.createSecret(SecretSpec(annotations: Annotations(name: "d"), driver: Driver(name: "vault"))), on: &fixture)?
        .code == .unimplemented
    )
  }

  @Test("a secret is smaller than 500 KiB and a config than 1000 KiB, and neither is empty")
  func sizes() {
    var fixture = StoreFixture()
    func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 1, count: count) }
    for count in [0, 512_000] {
      #expect(
        self.failure(.createSecret(Self.secret("s", bytes(count))), on: &fixture)?.message
          == "secret data must be larger than 0 and less than 512000 bytes"
      )
    }
    #expect(self.failure(.createSecret(Self.secret("s", bytes(511_999))), on: &fixture) == nil)
    for count in [0, 1_024_000] {
      #expect(
        self.failure(.createConfig(Self.config("c", bytes(count))), on: &fixture)?.message
          == "config data must be larger than 0 and less than 1024000 bytes"
      )
    }
    #expect(self.failure(.createConfig(Self.config("c", bytes(1_023_999))), on: &fixture) == nil)
  }

  @Test("what a service uses can't be removed, and a service can't use what isn't there")
  func references() throws {
    var fixture = StoreFixture()
    _ = self.run(.createSecret(Self.secret("s1")), on: &fixture)
    _ = self.run(.createConfig(Self.config("c1")), on: &fixture)
    let (secret, config) = (try fixture.store.resolveSecret("s1"), try fixture.store.resolveConfig("c1"))
    func spec(_ name: String, secret: SecretID, config: ConfigID) -> ServiceSpec {
      var spec = StoreFixture.spec(name)
      var container = ContainerSpec(image: "nginx")
      container.secrets = [SecretReference(secretID: secret, secretName: "s1", file: FileTarget(name: "f"))]
      container.configs = [ConfigReference(configID: config, configName: "c1", file: FileTarget(name: "f"))]
      spec.task.runtime = .container(container)
      return spec
    }
    #expect(
      self.failure(.createService(spec("web", secret: fixture.ids.make(), config: config.id)), on: &fixture)
        == SwarmError(code: .invalidArgument, message: "secret not found: s1")
    )
    #expect(
      self.failure(.createService(spec("web", secret: secret.id, config: fixture.ids.make())), on: &fixture)?.message
        == "config not found: c1"
    )
    _ = self.run(.createService(spec("web", secret: secret.id, config: config.id)), on: &fixture)
    #expect(
      self.failure(.removeSecret(reference: "s1"), on: &fixture)
        == SwarmError(code: .invalidArgument, message: "secret 's1' is in use by the following service: web")
    )
    _ = self.run(.createService(spec("api", secret: secret.id, config: config.id)), on: &fixture)
    #expect(
      self.failure(.removeConfig(reference: "c1"), on: &fixture)?.message
        == "config 'c1' is in use by the following services: api, web"
    )
    let web = try fixture.store.resolveService("web")
    _ = self.run(.removeService(reference: "api"), on: &fixture)
    let plain = ControlRequest.updateService(
      reference: "web",
      version: web.meta.version.index,
      spec: StoreFixture.spec("web"),
      rollback: false
    )
    #expect(self.failure(plain, on: &fixture) == nil)
    // Also after a restart.
    fixture.store = try Store(snapshot: fixture.store.encodeSnapshot())
    #expect(self.failure(.removeSecret(reference: "s1"), on: &fixture) == nil)
    #expect(self.failure(.removeConfig(reference: "c1"), on: &fixture) == nil)
  }

  @Test("secrets and configs survive a snapshot, whose bytes never change")
  func snapshot() throws {
    var fixture = StoreFixture()
    fixture.apply(.createSecret(Secret(id: LogEntryTests.id("s"), spec: Self.secret("s1", [1, 2, 3]))))
    fixture.apply(.createConfig(Config(id: LogEntryTests.id("c"), spec: Self.config("c1", [4]))))
    let bytes = fixture.store.encodeSnapshot()
    let restored = try Store(snapshot: bytes)
    #expect(restored.secrets() == fixture.store.secrets())
    #expect(restored.configs() == fixture.store.configs())
    #expect(restored.encodeSnapshot() == bytes)
    #expect(hex(bytes) == Self.expected)
  }

  @Test("a printed secret doesn't tell what it is")
  func printed() {
    let secret = Secret(spec: Self.secret("s1", Array("hunter2".utf8)))
    let request = ControlRequest.createSecret(secret.spec)
    var dumped = ""
    dump(secret, to: &dumped)
    for text in ["\(secret)", String(reflecting: secret), dumped, "\(request)", "\([104, 117, 110] as [UInt8])"].dropLast() {
      #expect(!text.contains("104, 117, 110"))
      #expect(!text.contains("hunter2"))
    }
  }

  static let expected =
    "01080212060882e2cfaa061a0082013e0a197373737373737373737373737373737373737373737373737312140a02080112"
    + "060881e2cfaa061a060881e2cfaa061a0b0a040a02733112030102038a013c0a196363636363636363636363636363636363"
    + "636363636363636312140a02080212060882e2cfaa061a060882e2cfaa061a090a040a026331120104"
}
