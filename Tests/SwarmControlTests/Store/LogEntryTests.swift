// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("LogEntry")
struct LogEntryTests {
  static func id<Kind>(_ character: Character) -> Identifier<Kind> {
    Identifier(String(repeating: character, count: 25)) ?? Identifier()
  }

  // Written out because golden bytes hold it, whatever the default is.
  private static let clusterSpec = ClusterSpec(raft: RaftConfig(snapshotInterval: 10_000))

  /// One change of every kind.
  static let changes: [Change] = [
    .putCluster(Cluster(id: id("c"), spec: clusterSpec)),
    .updateClusterSpec(expected: Version(index: 1), clusterSpec),
    .replaceRootCA(expected: Version(index: 2), RootCA(caKey: [1], joinTokens: JoinTokens(worker: "w"))),
    .putNode(Node(id: id("n"), role: .manager)),
    .updateNodeSpec(id("n"), expected: nil, NodeSpec(desiredRole: .manager)),
    .nodeStatuses([
      NodeStatusChange(id: id("n"), status: NodeStatus(state: .ready), role: .worker),
      NodeStatusChange(
        id: id("m"),
        description: NodeDescription(hostname: "h"),
        managerStatus: ManagerStatus(raftID: 1),
        clearsManagerStatus: true
      ),
      NodeStatusChange(id: id("n"), certificate: NodeCertificate(csr: [1], status: IssuanceStatus(state: .issued), cn: "n")),
    ]),
    .removeNode(id("n"), force: true),
    .createService(Service(id: id("s"), spec: StoreFixture.spec("web"))),
    .updateService(id("s"), expected: Version(index: 7, ordinal: 1), StoreFixture.spec("web"), isRollback: true),
    .updateStatus(id("s"), specVersion: nil, nil),
    .updateStatus(id("s"), specVersion: nil, UpdateStatus(state: .paused)),
    .removeService(id("s")),
    .createTasks(
      id("s"),
      specVersion: Version(index: 7),
      desired: .running,
      [
        NewTask(id: id("t"), slot: 1, node: id("n")),
        NewTask(id: id("u"), slot: 2, startAt: Timestamp(nanoseconds: 1), err: "e"),
        NewTask(id: id("v"), slot: 0, err: ""),
      ]
    ),
    .assignTasks([TaskAssignment(task: id("t"), node: id("n"))]),
    .pendingReasons([PendingReason(task: id("t"), err: "no suitable node")]),
    .desiredStates([DesiredStateChange(task: id("t"), state: .shutdown)]),
    .taskStatuses([TaskStatusChange(task: id("t"), node: id("n"), status: TaskStatus(state: .running))]),
    .removeTasks([id("t"), id("u")]),
    .expireClients(before: Timestamp(nanoseconds: 2_000_000_000)),
  ]

  /// One change of every kind that came after the first release of the format.
  static let laterChanges: [Change] = [
    .createSecret(
      Secret(
        id: id("s"),
        spec: SecretSpec(annotations: Annotations(name: "s1"), data: [1, 2], templating: Driver(name: "golang"))
      )
    ),
    .updateSecret(id("s"), expected: Version(index: 3), labels: ["a": "b"]),
    .updateSecret(id("s"), expected: nil, labels: [:]),
    .removeSecret(id("s")),
    .createConfig(Config(id: id("c"), spec: ConfigSpec(annotations: Annotations(name: "c1"), data: [3]))),
    .updateConfig(id("c"), expected: Version(index: 4), labels: ["a": "b"]),
    .removeConfig(id("c")),
    .createNetwork(
      Network(
        id: id("n"),
        spec: NetworkSpec(annotations: Annotations(name: "n1")),
        driverState: Driver(name: "overlay", options: ["id": "4096"]),
        ipam: IPAMOptions(configs: [IPAMConfig(family: .ipv4, subnet: "10.0.0.0/24", gateway: "10.0.0.1")])
      )
    ),
    .removeNetwork(id("n")),
    .runJob(id("s"), iteration: Version(index: 2)),
    .stopService(id("s"), isStopped: true),
    .allocate(
      id("s"),
      specVersion: Version(index: 5, ordinal: 1),
      Endpoint(
        spec: EndpointSpec(),
        ports: [PortConfig(targetPort: 80, publishedPort: 30_000)],
        virtualIPs: [Endpoint.VirtualIP(networkID: id("n"), addr: "10.0.0.2/24")]
      )
    ),
    .changeCluster(
      expected: Version(index: 6),
      ClusterChange(
        rootCA: RootCA(caKey: [1]),
        networkKeys: [NetworkKey(subsystem: "g", key: [2], lamportTime: 3)],
        unlockKeys: []
      )
    ),
  ]

  static let entry = LogEntry(
    leaderTerm: 3,
    time: Timestamp(nanoseconds: 1_700_000_000_000_000_000),
    client: ClientStamp(client: ClientID(high: 1, low: 2), sequence: 3),
    changes: changes
  )

  @Test("an entry reads back the same", arguments: changes.indices)
  func roundTrip(index: Int) throws {
    let entry = LogEntry(leaderTerm: 1, time: .zero, changes: [Self.changes[index]])
    #expect(try LogEntry(decoding: entry.encode()) == entry)
  }

  @Test("later kinds read back the same and their bytes never change", arguments: laterChanges.indices)
  func later(index: Int) throws {
    let entry = LogEntry(leaderTerm: 1, time: .zero, changes: [Self.laterChanges[index]])
    #expect(try LogEntry(decoding: entry.encode()) == entry)
    #expect(hex(entry.encode()) == Self.laterExpected[index])
  }

  @Test("an entry of all kinds reads back the same, in order")
  func all() throws {
    #expect(try LogEntry(decoding: Self.entry.encode()) == Self.entry)
    let empty = LogEntry(leaderTerm: 0, time: .zero, changes: [])
    #expect(empty.encode() == [1])
    #expect(try LogEntry(decoding: [1]) == empty)
  }

  @Test("an unknown kind of change stops the node")
  func unknownKind() {
    // Kind 99, empty.
    let bytes = Self.entry.encode() + [0x9a, 0x06, 0x00]
    let error = #expect(throws: SwarmError.self) { try LogEntry(decoding: bytes) }
    #expect(error?.code == .unsupportedFormat)
    #expect(error?.message.contains("kind 99") == true)
  }

  @Test(
    "an unknown field of an entry or a change stops the node",
    arguments: [
      [1, 0x20, 0x01],  // field 4 of the entry
      [1, 0xda, 0x02, 0x02, 0x48, 0x01],  // field 9 of a removal (kind 43: desired states)
      [1, 0xea, 0x02, 0x02, 0x48, 0x01],  // field 9 of a removal of tasks
    ] as [[UInt8]]
  )
  func unknownField(bytes: [UInt8]) {
    let error = #expect(throws: SwarmError.self) { try LogEntry(decoding: bytes) }
    #expect(error?.code == .unsupportedFormat)
  }

  @Test("a newer format stops the node, an empty entry is damage")
  func format() {
    let newer = #expect(throws: SwarmError.self) { try LogEntry(decoding: [2]) }
    #expect(newer?.code == .unsupportedFormat)
    let empty = #expect(throws: SwarmError.self) { try LogEntry(decoding: [UInt8]()) }
    #expect(empty?.code == .dataLoss)
  }

  @Test("unknown fields of objects are kept")
  func unknownObjectFields() throws {
    var node = Node(id: Self.id("n"))
    node.unknownFields = UnknownFields([0xa0, 0x1f, 0x01])
    let entry = LogEntry(leaderTerm: 1, time: .zero, changes: [.putNode(node)])
    #expect(try LogEntry(decoding: entry.encode()) == entry)
  }

  @Test("damaged entries give a value or a typed error")
  func damage() {
    let bytes = Self.entry.encode()
    var random = IdentifierGenerator(seed: 5)
    for count in bytes.indices {
      _ = try? LogEntry(decoding: bytes[..<count])
    }
    for _ in 0..<2000 {
      var damaged = bytes
      for _ in 0..<3 {
        damaged[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      guard let entry = try? LogEntry(decoding: damaged) else { continue }
      // What could be read can be applied.
      var store = Store()
      _ = store.apply(entry, index: 1)
    }
  }

  @Test("the bytes never change")
  func golden() {
    #expect(hex(Self.entry.encode()) == Self.expected)
  }

  static let expected =
    "01080312060880e2cfaa061a080a040801100210038201470a19636363636363636363636363636363636363636363636363"
    + "631a2a0a090a0764656661756c741a020805220a08904e18f4032001280a2a040a02080532070a050880ceda038a01301202"
    + "08011a2a0a090a0764656661756c741a020805220a08904e18f4032001280a2a040a02080532070a050880ceda0392010e12"
    + "0208021a080a010122030a0177c201210a196e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e1a0218014801ca"
    + "01190a112b366aa560a83a832b366aa560a83a83171a0410011801d2015c0a190a112b366aa560a83a832b366aa560a83a83"
    + "171202080230000a1e0a1129557123c0a0ea0e29557123c0a0ea0e161a030a01682202080128010a1f0a112b366aa560a83a"
    + "832b366aa560a83a83173a0a1201011a0208032a016eda01150a112b366aa560a83a832b366aa560a83a831710018202330a"
    + "19737373737373737373737373737373737373737373737373731a160a050a0377656212090a070a056e67696e781a020801"
    + "8a02340a11349b4a2d80cccccc349b4a2d80cccccc1c12050807c03e011a160a050a0377656212090a070a056e67696e781a"
    + "02080120019202130a11349b4a2d80cccccc349b4a2d80cccccc1c9202170a11349b4a2d80cccccc349b4a2d80cccccc1c12"
    + "0208029a02130a11349b4a2d80cccccc349b4a2d80cccccc1cc202790a11349b4a2d80cccccc349b4a2d80cccccc1c120208"
    + "0718800422280a11367c43af20d41d41367c43af20d41d411d10011a112b366aa560a83a832b366aa560a83a8317221c0a11"
    + "385d3d30c0db6db6385d3d30c0db6db61e1002220210012a016522150a113a3e36b260e2be2b3a3e36b260e2be2b1f2a00ca"
    + "02280a260a11367c43af20d41d41367c43af20d41d411d12112b366aa560a83a832b366aa560a83a8317d202270a250a1136"
    + "7c43af20d41d41367c43af20d41d411d12106e6f207375697461626c65206e6f6465da02180a160a11367c43af20d41d4136"
    + "7c43af20d41d411d108005e2022d0a2b0a11367c43af20d41d41367c43af20d41d411d12112b366aa560a83a832b366aa560"
    + "a83a83171a03108004ea02260a11367c43af20d41d41367c43af20d41d411d0a11385d3d30c0db6db6385d3d30c0db6db61e"
    + "c203040a020802"
}

extension LogEntryTests {
  static let laterExpected: [String] = [
    "0108018204310a19737373737373737373737373737373737373737373737373731a140a040a027331120201021a080a0667"
      + "6f6c616e67",
    "0108018a041f0a11349b4a2d80cccccc349b4a2d80cccccc1c120208031a060a0161120162",
    "0108018a04130a11349b4a2d80cccccc349b4a2d80cccccc1c",
    "0108019204130a11349b4a2d80cccccc349b4a2d80cccccc1c",
    "010801c204260a19636363636363636363636363636363636363636363636363631a090a040a026331120103",
    "010801ca041f0a11168bb2138057c57c168bb2138057c57c0c120208041a060a0161120162",
    "010801d204130a11168bb2138057c57c168bb2138057c57c0c",
    "0108018205570a196e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e1a060a040a026e3122150a076f7665726c"
      + "6179120a0a0269641204343039362a1b1a190804120b31302e302e302e302f3234220831302e302e302e31",
    "0108018a05130a112b366aa560a83a832b366aa560a83a8317",
    "010801a202170a11349b4a2d80cccccc349b4a2d80cccccc1c12020802",
    "010801aa02150a11349b4a2d80cccccc349b4a2d80cccccc1c1001",
    "0108019205500a11349b4a2d80cccccc349b4a2d80cccccc1c12050805c03e011a340a001206185020b0ea011a280a196e6e"
      + "6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e120b31302e302e302e322f3234",
    "0108019a01190a020806121312030a01011a0a0a080a01671a010220032200",
  ]
}

func hex(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}
