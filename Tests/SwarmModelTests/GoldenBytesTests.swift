// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

/// The bytes of one value of every noun.
///
/// They are stored in logs and snapshots: a difference here is a change of the format.
@Suite("Golden bytes")
struct GoldenBytesTests {
  static let meta = Meta(
    version: Version(index: 300, ordinal: 2),
    createdAt: Timestamp(nanoseconds: 1_700_000_000_000_000_001),
    updatedAt: Timestamp(nanoseconds: 1_700_000_001_000_000_000)
  )

  static func id<Kind>(_ character: Character) -> Identifier<Kind> {
    Identifier(String(repeating: character, count: 25)) ?? Identifier()
  }

  static let node = Node(
    id: id("n"),
    meta: meta,
    spec: NodeSpec(annotations: Annotations(labels: ["zone": "a"]), desiredRole: .manager, availability: .drain),
    description: NodeDescription(
      hostname: "host",
      platform: Platform(architecture: "x86_64", os: "linux"),
      resources: Resources(
        nanoCPUs: 2_000_000_000,
        memoryBytes: 1 << 30,
        generic: [.named(kind: "gpu", value: "g1"), .discrete(kind: "ssd", value: 3)]
      ),
      engine: EngineDescription(
        engineVersion: "1.0",
        labels: ["e": "1"],
        plugins: [PluginDescription(type: "Volume", name: "local")]
      )
    ),
    status: NodeStatus(state: .ready, message: "m", addr: "10.0.0.1"),
    managerStatus: ManagerStatus(raftID: 7, addr: "10.0.0.1:2377", leader: true, reachability: .reachable),
    certificate: NodeCertificate(role: .manager, csr: [1], status: IssuanceStatus(state: .issued), certificate: [2], cn: "n"),
    role: .manager
  )

  static let service = Service(
    id: id("s"),
    meta: meta,
    spec: ServiceSpec(
      annotations: Annotations(name: "web"),
      task: TaskSpec(
        runtime: .container(
          ContainerSpec(
            image: "nginx:1",
            args: ["-g", "daemon off;"],
            env: ["A=b"],
            stopGracePeriod: .milliseconds(1500),
            initProcess: true
          )
        ),
        resources: ResourceRequirements(reservations: Resources(nanoCPUs: 500_000_000)),
        restart: RestartPolicy(condition: .onFailure, delay: .zero, maxAttempts: 3),
        placement: Placement(
          constraints: ["node.role==worker"],
          preferences: [PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.zone"))],
          maxReplicas: 2
        ),
        forceUpdate: 1
      ),
      mode: .replicated(replicas: 3),
      update: UpdateConfig(parallelism: 2, monitor: .seconds(1), maxFailureRatio: 0.5, order: .startFirst),
      endpoint: EndpointSpec(ports: [PortConfig(targetPort: 80, publishedPort: 8080, publishMode: .host)])
    ),
    updateStatus: UpdateStatus(state: .updating, startedAt: Timestamp(nanoseconds: 5)),
    previousSpec: ServiceSpec(task: TaskSpec(runtime: .other), mode: .global),
    specVersion: Version(index: 9)
  )

  static let task = SwarmTask(
    id: id("t"),
    meta: meta,
    spec: TaskSpecBox(TaskSpec(runtime: .container(ContainerSpec(image: "nginx")))),
    serviceID: id("s"),
    slot: 2,
    nodeID: id("n"),
    serviceAnnotations: Annotations(name: "web"),
    status: TaskStatus(
      timestamp: Timestamp(nanoseconds: 1_000_000_000),
      state: .running,
      message: "started",
      container: ContainerStatus(containerID: "c", pid: 42, exitCode: -1)
    ),
    desiredState: .running,
    specVersion: Version(index: 9, ordinal: 1),
    startAt: Timestamp(nanoseconds: 2_000_000_000)
  )

  static let cluster = Cluster(
    id: id("c"),
    meta: meta,
    spec: ClusterSpec(raft: RaftConfig(snapshotInterval: 10_000)),
    rootCA: RootCA(
      caKey: [1],
      caCert: [2],
      caCertHash: "h",
      joinTokens: JoinTokens(worker: "w", manager: "m"),
      rootRotation: RootRotation(caCert: [3], caKey: [4], crossSignedCACert: [5]),
      lastForcedRotation: 6
    ),
    unlockKeys: [NetworkKey(subsystem: "manager", key: [7], lamportTime: 8)],
    subnetSize: 24,
    featureLevel: 1
  )

  static let small: [any WireMessage] = [
    Secret(id: id("e"), meta: meta, spec: SecretSpec(annotations: Annotations(name: "k"), data: [1, 2])),
    Config(id: id("f"), spec: ConfigSpec(annotations: Annotations(name: "k"), data: [3])),
    Network(
      id: id("w"),
      spec: NetworkSpec(
        annotations: Annotations(name: "net"),
        driverConfig: Driver(name: "overlay", options: ["o": "1"]),
        ipam: IPAMOptions(configs: [IPAMConfig(family: .ipv4, subnet: "10.0.0.0/24")]),
        attachable: true
      )
    ),
    Volume(id: id("v"), spec: VolumeSpec(annotations: Annotations(name: "vol"), group: "g", availability: .pause)),
  ]

  @Test("the bytes never change", arguments: 0..<8)
  func golden(index: Int) throws {
    func check<Message: WireMessage>(_ message: Message) throws {
      let bytes = message.encoded()
      #expect(Self.hex(bytes) == Self.expected[index])
      #expect(try Message(encoded: bytes) == message)
    }
    let values: [any WireMessage] = [Self.node, Self.service, Self.task, Self.cluster] + Self.small
    try check(values[index])
  }

  @Test("keys of the network stand in SwarmKit's fields, and what else a key says is kept")
  func networkKeys() throws {
    var cluster = Cluster(id: Self.id("c"), networkBootstrapKeys: [NetworkKey(subsystem: "a", key: [1, 2], lamportTime: 3)])
    cluster.networkBootstrapKeys[0].unknownFields = UnknownFields([0x10, 0x01])
    let bytes = cluster.encoded()
    #expect(Self.hex(bytes).contains("2a0b0a01611a02010220031001"))
    #expect(try Cluster(encoded: bytes) == cluster)
  }

  static func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static let expected = [
    "0a196e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e121a0a0608ac02c03e0212080880e2cfaa0610011a0608"
      + "81e2cfaa061a130a0b12090a047a6f6e65120161100118012002225d0a04686f7374120f0a067838365f363412056c696e75"
      + "781a240880a8d6b9071080808080041a0b0a090a03677075120267311a0912070a037373641003221e0a03312e3012060a01"
      + "651201311a0f0a06566f6c756d6512056c6f63616c2a0f080212016d1a0831302e302e302e3132150807120d31302e302e30"
      + "2e313a3233373718012002420f08011201011a0208032201022a016e4801",
    "0a1973737373737373737373737373737373737373737373737373121a0a0608ac02c03e0212080880e2cfaa0610011a0608"
      + "81e2cfaa061a98010a050a0377656212710a2e0a076e67696e783a3122022d67220b6461656d6f6e206f66663b2a03413d62"
      + "4a0808011080cab5ee01ba01020801120812060880cab5ee0122060801120018032a2b0a116e6f64652e726f6c653d3d776f"
      + "726b657212140a120a106e6f64652e6c6162656c732e7a6f6e65200248011a020803320d0802220208012d0000003f300142"
      + "091207185020903f28012a060801120210053202220052020809",
    "0a1974747474747474747474747474747474747474747474747474121a0a0608ac02c03e0212080880e2cfaa0610011a0608"
      + "81e2cfaa061a090a070a056e67696e78221973737373737373737373737373737373737373737373737373280232196e6e6e"
      + "6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e42050a037765624a220a0208011080041a07737461727465642a100a"
      + "0163102a18ffffffffffffffffff0150800472050809c03e01c23e020802",
    "0a1963636363636363636363636363636363636363636363636363121a0a0608ac02c03e0212080880e2cfaa0610011a0608"
      + "81e2cfaa061a2a0a090a0764656661756c741a020805220a08904e18f4032001280a2a040a02080532070a050880ceda0322"
      + "1e0a01011201021a016822060a017712016d2a090a01031201041a010530064a0e0a076d616e616765721a010720086018c0"
      + "3e01",
    "0a1965656565656565656565656565656565656565656565656565121a0a0608ac02c03e0212080880e2cfaa0610011a0608"
      + "81e2cfaa061a090a030a016b12020102",
    "0a19666666666666666666666666666666666666666666666666661a080a030a016b120103",
    "0a19777777777777777777777777777777777777777777777777771a2f0a050a036e657412110a076f7665726c617912060a"
      + "016f1201312a111a0f0804120b31302e302e302e302f32343001",
    "0a19767676767676767676767676767676767676767676767676761a0c0a050a03766f6c1201674001",
  ]
}
