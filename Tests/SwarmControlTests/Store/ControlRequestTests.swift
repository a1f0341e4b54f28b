// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("ControlRequest")
struct ControlRequestTests {
  /// Carries a request out as a leader does.
  private func run(
    _ request: ControlRequest,
    on fixture: inout StoreFixture,
    client: ClientStamp? = nil
  ) -> ControlResponse {
    do throws(SwarmError) {
      let changes = try ControlRequest.changes(for: request, in: fixture.store, now: fixture.time, ids: &fixture.ids)
      return request.response(to: fixture.apply(changes, client: client).outcome)
    } catch {
      return .failure(error)
    }
  }

  private func failure(_ request: ControlRequest, on fixture: inout StoreFixture) -> SwarmError? {
    let before = fixture.store.version
    guard case .failure(let error) = self.run(request, on: &fixture) else { return nil }
    // A refused request costs no entry.
    #expect(fixture.store.version == before)
    return error
  }

  @Test("a service is created, updated, rolled back and removed")
  func lifecycle() throws {
    var fixture = StoreFixture()
    guard
      case .service(let id, let created, let warnings) =
        self.run(.createService(StoreFixture.spec("web")), on: &fixture)
    else {
      Issue.record("not created")
      return
    }
    #expect(created == Version(index: 1))
    #expect(warnings.isEmpty)
    let bigger = StoreFixture.spec("web", replicas: 3)
    #expect(
      self.run(.updateService(reference: "web", version: 1, spec: bigger, rollback: false), on: &fixture)
        == .service(id, version: Version(index: 2), warnings: [])
    )
    #expect(fixture.store.service(id)?.spec == bigger)
    // What comes along with a rollback is ignored.
    let ignored = StoreFixture.spec("")
    #expect(
      self.run(.updateService(reference: id.description, version: 2, spec: ignored, rollback: true), on: &fixture)
        == .service(id, version: Version(index: 3), warnings: [])
    )
    #expect(fixture.store.service(id)?.spec.mode == .replicated(replicas: 1))
    #expect(self.run(.removeService(reference: "web"), on: &fixture) == .done(version: Version(index: 4)))
    #expect(fixture.store.services().isEmpty)
  }

  @Test("refusals have docker's sentences")
  func refusals() throws {
    var fixture = StoreFixture()
    let id = fixture.addService()
    let spec = StoreFixture.spec("web")
    func update(_ spec: ServiceSpec, version: UInt64 = 1, rollback: Bool = false) -> SwarmError? {
      self.failure(.updateService(reference: "web", version: version, spec: spec, rollback: rollback), on: &fixture)
    }
    #expect(
      self.failure(.createService(spec), on: &fixture)
        == SwarmError(
          code: .alreadyExists,
          message: "name conflicts with an existing object: service web already exists"
        )
    )
    #expect(
      self.failure(.createService(StoreFixture.spec("a b")), on: &fixture)
        == SwarmError(code: .invalidArgument, message: "name must be valid as a DNS name component")
    )
    #expect(
      self.failure(.removeService(reference: "nope"), on: &fixture)
        == SwarmError(code: .notFound, message: "service nope not found")
    )
    #expect(update(spec, version: 2) == SwarmError(code: .outOfSequence, message: "update out of sequence"))
    #expect(
      update(StoreFixture.spec("other"))
        == SwarmError(code: .unimplemented, message: "renaming services is not supported")
    )
    var global = spec
    global.mode = .global
    #expect(update(global) == SwarmError(code: .unimplemented, message: "service mode change is not allowed"))
    #expect(
      update(spec, rollback: true)
        == SwarmError(code: .failedPrecondition, message: "service \(id) does not have a previous spec")
    )
    #expect(update(StoreFixture.spec("web", image: "B"))?.code == .invalidArgument)
  }

  @Test("nodes are registered, changed and removed")
  func nodes() throws {
    var fixture = StoreFixture()
    guard
      case .node(let manager, _) =
        self.run(.registerNode(NodeRegistration(role: .manager, hostname: "m")), on: &fixture),
      case .node(let worker, let version) = self.run(.registerNode(NodeRegistration(hostname: "w")), on: &fixture)
    else {
      Issue.record("not registered")
      return
    }
    #expect(version == Version(index: 2))
    #expect(fixture.store.node(manager)?.spec.desiredRole == .manager)
    #expect(fixture.store.node(worker)?.spec.membership == .accepted)
    #expect(try fixture.store.resolveNode("w").id == worker)

    var spec = try #require(fixture.store.node(worker)).spec
    spec.availability = .drain
    #expect(
      self.run(.updateNode(reference: "w", version: 2, spec: spec), on: &fixture)
        == .node(worker, version: Version(index: 3))
    )
    #expect(
      self.failure(.updateNode(reference: "w", version: 2, spec: spec), on: &fixture)?.message
        == "update out of sequence"
    )
    #expect(
      self.failure(.updateNode(reference: "nope", version: 2, spec: spec), on: &fixture)?.message
        == "node nope not found"
    )
    #expect(
      self.failure(.updateNode(reference: "m", version: 1, spec: NodeSpec()), on: &fixture)?.message
        == "attempting to demote the last manager of the swarm"
    )
    #expect(self.failure(.removeNode(reference: "w", force: false), on: &fixture)?.code == .failedPrecondition)
    #expect(self.run(.removeNode(reference: "w", force: true), on: &fixture) == .done(version: Version(index: 4)))
  }

  @Test("a Docker Engine isn't made a manager, a node of ours is")
  func promotion() throws {
    var fixture = StoreFixture()
    for (name, plugins) in [("docker", [PluginDescription(type: "Network", name: "overlay")]), ("ours", [.swiftSwarm])] {
      let description = NodeDescription(hostname: name, engine: EngineDescription(engineVersion: "1", plugins: plugins))
      fixture.apply(.putNode(Node(id: fixture.ids.make(), description: description)))
    }
    let engine = try fixture.store.resolveNode("docker")
    let promoted = NodeSpec(desiredRole: .manager)
    let refusal = self.failure(.updateNode(reference: "docker", version: engine.meta.version.index, spec: promoted), on: &fixture)
    #expect(refusal?.code == .failedPrecondition)
    #expect(refusal?.message == "node \(engine.id) is a Docker Engine, which can be a worker of this swarm, but not a manager")

    let ours = try fixture.store.resolveNode("ours")
    _ = self.run(.updateNode(reference: "ours", version: ours.meta.version.index, spec: promoted), on: &fixture)
    #expect(fixture.store.node(ours.id)?.spec.desiredRole == .manager)
  }

  @Test("a node that comes back keeps its id and its specification")
  func returning() {
    var fixture = StoreFixture()
    let id = fixture.addNode(role: .manager, availability: .pause)
    let response = self.run(.registerNode(NodeRegistration(id: id, hostname: "x")), on: &fixture)
    #expect(response == .node(id, version: Version(index: 2)))
    #expect(fixture.store.node(id)?.spec.availability == .pause)
    let own: NodeID = fixture.ids.make()
    #expect(self.run(.registerNode(NodeRegistration(id: own)), on: &fixture) == .node(own, version: Version(index: 3)))
  }

  @Test("the cluster's specification is checked and replaced")
  func cluster() {
    var fixture = StoreFixture()
    #expect(self.failure(.updateCluster(version: 1, spec: ClusterSpec()), on: &fixture)?.code == .notFound)
    fixture.apply(.putCluster(Cluster(id: fixture.ids.make())))
    let spec = ClusterSpec(orchestration: OrchestrationConfig(taskHistoryRetentionLimit: 1))
    #expect(self.failure(.updateCluster(version: 9, spec: spec), on: &fixture)?.code == .outOfSequence)
    #expect(self.run(.updateCluster(version: 1, spec: spec), on: &fixture) == .done(version: Version(index: 2)))
    #expect(fixture.store.cluster?.spec == spec)
  }

  @Test("the authority is replaced by who read it last, and the specification stays")
  func rootCA() {
    var fixture = StoreFixture()
    let rootCA = RootCA(caCertHash: "h", joinTokens: JoinTokens(worker: "w", manager: "m"))
    #expect(self.failure(.replaceRootCA(version: 1, rootCA), on: &fixture)?.code == .notFound)
    let spec = ClusterSpec(orchestration: OrchestrationConfig(taskHistoryRetentionLimit: 1))
    fixture.apply(.putCluster(Cluster(id: fixture.ids.make(), spec: spec)))
    #expect(self.failure(.replaceRootCA(version: 9, rootCA), on: &fixture)?.code == .outOfSequence)
    #expect(self.run(.replaceRootCA(version: 1, rootCA), on: &fixture) == .done(version: Version(index: 2)))
    #expect(fixture.store.cluster?.rootCA == rootCA)
    #expect(fixture.store.cluster?.spec == spec)
  }

  @Test("parts of the cluster are replaced together or not at all")
  func changeCluster() {
    var fixture = StoreFixture()
    let spec = ClusterSpec(orchestration: OrchestrationConfig(taskHistoryRetentionLimit: 1))
    let keys = [NetworkKey(subsystem: "manager", key: [1], lamportTime: 1)]
    let change = ClusterChange(spec: spec, unlockKeys: keys)
    #expect(self.failure(.changeCluster(version: 1, change), on: &fixture)?.code == .notFound)
    fixture.apply(.putCluster(Cluster(id: fixture.ids.make(), rootCA: RootCA(caCertHash: "h"), networkBootstrapKeys: keys)))
    #expect(self.failure(.changeCluster(version: 9, change), on: &fixture)?.code == .outOfSequence)
    #expect(fixture.store.cluster?.unlockKeys == [])
    var refused = change
    refused.spec?.caConfig.nodeCertExpiry = .seconds(1)
    #expect(self.failure(.changeCluster(version: 1, refused), on: &fixture)?.code == .invalidArgument)
    #expect(self.run(.changeCluster(version: 1, change), on: &fixture) == .done(version: Version(index: 2)))
    #expect(fixture.store.cluster?.spec == spec)
    #expect(fixture.store.cluster?.unlockKeys == keys)
    #expect(fixture.store.cluster?.rootCA.caCertHash == "h")
    #expect(fixture.store.cluster?.networkBootstrapKeys == keys)
    #expect(
      self.run(.changeCluster(version: 2, ClusterChange(unlockKeys: [])), on: &fixture) == .done(version: Version(index: 3))
    )
    #expect(fixture.store.cluster?.unlockKeys == [])
  }

  @Test("a member gets its next certificate and keeps everything else; who was removed doesn't come back by it")
  func certify() {
    var fixture = StoreFixture()
    let certificate = NodeCertificate(role: .manager, csr: [1], status: IssuanceStatus(state: .issued), certificate: [2])
    let first = self.run(.registerNode(NodeRegistration(role: .manager, certificate: certificate)), on: &fixture)
    guard case .node(let id, _) = first else {
      Issue.record("\(first)")
      return
    }
    #expect(fixture.store.node(id)?.certificate == certificate)
    let next = NodeCertificate(role: .manager, csr: [3], status: IssuanceStatus(state: .issued), certificate: [4])
    #expect(self.run(.certifyNode(id, next), on: &fixture) == .node(id, version: Version(index: 2)))
    #expect(fixture.store.node(id)?.certificate == next)
    #expect(fixture.store.node(id)?.spec.desiredRole == .manager)
    #expect(self.failure(.certifyNode(fixture.ids.make(), next), on: &fixture)?.code == .notFound)
    #expect(fixture.store.nodes().count { _ in true } == 1)
  }

  @Test("a retry gets the first answer")
  func retry() {
    var fixture = StoreFixture()
    let stamp = ClientStamp(client: ClientID(high: 1, low: 1), sequence: 1)
    let request = ControlRequest.createService(StoreFixture.spec("web"))
    let first = self.run(request, on: &fixture, client: stamp)
    // A leader asks first, because the request itself would now be refused.
    #expect(fixture.store.outcome(of: stamp).map { request.response(to: $0) } == first)
  }

  static let requests: [ControlRequest] = [
    .createService(StoreFixture.spec("web")),
    .updateService(reference: "web", version: 7, spec: StoreFixture.spec("web"), rollback: true),
    .removeService(reference: "web"),
    .updateNode(reference: "n", version: 1, spec: NodeSpec(availability: .drain)),
    .removeNode(reference: "n", force: true),
    .updateCluster(version: 3, spec: ClusterSpec()),
    .registerNode(NodeRegistration(id: NodeID(), role: .manager, availability: .pause, hostname: "h")),
    .registerNode(NodeRegistration()),
    .registerNode(NodeRegistration(certificate: NodeCertificate(role: .manager, csr: [1], cn: "n"))),
    .certifyNode(NodeID(), NodeCertificate(certificate: [1, 2])),
    .replaceRootCA(version: 3, RootCA(caKey: [1], rootRotation: RootRotation(caKey: [2]))),
    .changeCluster(version: 3, ClusterChange(spec: ClusterSpec(), unlockKeys: [NetworkKey(key: [1])])),
    .changeCluster(version: 4, ClusterChange()),
    .createSecret(SecretSpec(annotations: Annotations(name: "s"), data: [1])),
    .updateSecret(reference: "s", version: 2, spec: SecretSpec(annotations: Annotations(name: "s", labels: ["a": "b"]))),
    .removeSecret(reference: "s"),
    .createConfig(ConfigSpec(annotations: Annotations(name: "c"), data: [1])),
    .updateConfig(reference: "c", version: 2, spec: ConfigSpec(annotations: Annotations(name: "c"))),
    .removeConfig(reference: "c"),
    .createNetwork(NetworkSpec(annotations: Annotations(name: "n"), attachable: true)),
    .removeNetwork(reference: "n"),
    .restartService(reference: "web"),
    .stopService(reference: "web", isStopped: true),
    .stopService(reference: "web", isStopped: false),
  ]

  @Test("requests survive forwarding", arguments: requests)
  func codec(request: ControlRequest) throws {
    let stamp = ClientStamp(client: ClientID(high: 1, low: 2), sequence: 3)
    let read = try ControlRequest.decode(request.encode(client: stamp))
    #expect(read.request == request)
    #expect(read.client == stamp)
    let plain = try ControlRequest.decode(request.encode(client: nil))
    #expect(plain.request == request)
    #expect(plain.client == nil)
  }

  static let responses: [ControlResponse] = [
    .service(ServiceID(), version: Version(index: 1), warnings: ["w"]),
    .node(NodeID(), version: Version(index: 2, ordinal: 3)),
    .object("abc", version: Version(index: 1)),
    .done(version: Version(index: 4)),
    .failure(SwarmError(code: .unavailable, message: "m", leaderHint: "h:1")),
  ]

  @Test("answers survive forwarding", arguments: responses)
  func responseCodec(response: ControlResponse) throws {
    #expect(try ControlResponse(decoding: response.encode()) == response)
  }

  @Test(
    "bytes that are no request and no answer are refused",
    arguments: [[], [2], [1], [1, 0xff], [1, 0x9a, 6, 0]] as [[UInt8]]
  )
  func damage(bytes: [UInt8]) {
    #expect(throws: SwarmError.self) { try ControlRequest.decode(bytes) }
    #expect(throws: SwarmError.self) { try ControlResponse(decoding: bytes) }
  }

  @Test("the bytes of forwarded requests never change")
  func golden() {
    let request = ControlRequest.removeNode(reference: "n", force: true)
    let stamp = ClientStamp(client: ClientID(high: 1, low: 2), sequence: 3)
    #expect(request.encode(client: stamp) == [1, 0x0a, 8, 0x0a, 4, 8, 1, 16, 2, 16, 3, 0xca, 1, 5, 0x0a, 1, 110, 16, 1])
    #expect(ControlResponse.done(version: Version(index: 4)).encode() == [1, 0x92, 1, 2, 8, 4])
  }
}
