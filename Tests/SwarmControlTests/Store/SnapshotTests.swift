// SPDX-License-Identifier: Apache-2.0
import SwarmControl
import SwarmModel
import Testing

@Suite("Store: snapshots and digests")
struct SnapshotTests {
  /// A store that many entries made, all from one seed.
  static func filled(seed: UInt64, entries: Int = 60) -> (store: Store, entries: [LogEntry]) {
    var history = RandomHistory(seed: seed)
    for _ in 0..<entries { history.step() }
    return (history.fixture.store, history.entries)
  }

  @Test("a restored store is the same store", arguments: 0..<6 as Range<UInt64>)
  func roundTrip(seed: UInt64) throws {
    let (store, _) = Self.filled(seed: seed)
    let bytes = store.encodeSnapshot()
    let restored = try Store(snapshot: bytes)
    #expect(restored.encodeSnapshot() == bytes)
    #expect(restored.digest() == store.digest())
    #expect(restored.version == store.version)
    #expect(restored.time == store.time)
    #expect(restored.tasks() == store.tasks())
    #expect(restored.services() == store.services())
    #expect(restored.nodes() == store.nodes())
    #expect(restored.cluster == store.cluster)
    Self.expectConsistentIndexes(restored)
  }

  @Test("going on from a snapshot is the same as never having stopped", arguments: 0..<6 as Range<UInt64>)
  func resume(seed: UInt64) throws {
    let (store, entries) = Self.filled(seed: seed)
    var resumed = Store()
    for (index, entry) in entries.enumerated() {
      if index % 7 == 3 { resumed = try Store(snapshot: resumed.encodeSnapshot()) }
      // Through the log's bytes, as a follower gets it.
      let read = try LogEntry(decoding: entry.encode())
      _ = resumed.apply(read, index: UInt64(index + 1))
    }
    #expect(resumed.digest() == store.digest())
  }

  @Test("tasks that shared their specification share it again")
  func sharing() throws {
    var fixture = StoreFixture()
    let service = fixture.addService()
    _ = fixture.addTasks(of: service, on: [nil, nil, nil])
    let old = fixture.store.encodeSnapshot().count
    fixture.apply(.updateService(service, expected: nil, StoreFixture.spec("web", image: "other"), isRollback: false))
    fixture.store = try Store(snapshot: fixture.store.encodeSnapshot())
    let new = fixture.addTasks(of: service, on: [nil])
    let restored = try Store(snapshot: fixture.store.encodeSnapshot())
    let boxes = Set(restored.tasks().map { ObjectIdentifier($0.spec) })
    #expect(boxes.count == 2)
    #expect(restored.task(new[0])?.spec.value.container?.image == "other")
    #expect(old < 1000)
    // Tasks made after the restore share with those before it.
    fixture.store = restored
    let later = fixture.addTasks(of: service, on: [nil])
    #expect(fixture.store.task(later[0])?.spec === fixture.store.task(new[0])?.spec)
  }

  @Test("clients' outcomes are part of the snapshot")
  func clients() throws {
    var fixture = StoreFixture()
    let stamp = ClientStamp(client: ClientID(high: 7, low: 8), sequence: 4)
    let missing: ServiceID = fixture.ids.make()
    let outcome = fixture.apply([.removeService(missing)], client: stamp).outcome
    let restored = try Store(snapshot: fixture.store.encodeSnapshot())
    #expect(restored.outcome(of: stamp) == outcome)
  }

  @Test("damaged snapshots give a store or a typed error")
  func damage() {
    let bytes = Self.filled(seed: 1, entries: 20).store.encodeSnapshot()
    var random = IdentifierGenerator(seed: 9)
    for count in stride(from: 0, to: bytes.count, by: 97) {
      _ = try? Store(snapshot: Array(bytes[..<count]))
    }
    for _ in 0..<100 {
      var damaged = bytes
      damaged[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      guard let store = try? Store(snapshot: damaged) else { continue }
      _ = store.digest()
    }
  }

  @Test("newer formats and unknown fields are refused")
  func format() {
    for bytes in [[2], [1, 0xa0, 0x06, 0x01]] as [[UInt8]] {
      let error = #expect(throws: SwarmError.self) { try Store(snapshot: bytes) }
      #expect(error?.code == .unsupportedFormat)
    }
    let error = #expect(throws: SwarmError.self) { try Store(snapshot: []) }
    #expect(error?.code == .dataLoss)
  }

  // Hash seeds differ between processes; a digest that depended on them would differ from this one in every run.
  @Test("the digest never changes")
  func golden() {
    #expect(Self.filled(seed: 42).store.digest() == 260_789_058_513_326_180)
  }

  @Test("the bytes of a snapshot never change")
  func goldenBytes() {
    #expect(hex(Self.filled(seed: 42, entries: 6).store.encodeSnapshot()) == Self.expected)
  }

  @Test("indexes always agree with the objects", arguments: 0..<6 as Range<UInt64>)
  func indexes(seed: UInt64) {
    var history = RandomHistory(seed: seed)
    for _ in 0..<60 {
      history.step()
      Self.expectConsistentIndexes(history.fixture.store)
    }
    #expect(history.fixture.store.taskCount > 0)
  }

  static func expectConsistentIndexes(_ store: Store) {
    let tasks = store.tasks()
    let services = Set(tasks.compactMap(\.serviceID) + store.serviceIDs())
    for service in services {
      #expect(store.taskIDs(of: service) == tasks.filter { $0.serviceID == service }.map(\.id))
    }
    let nodes = Set(tasks.compactMap(\.nodeID) + store.nodeIDs())
    for node in nodes {
      #expect(store.taskIDs(on: node) == tasks.filter { $0.nodeID == node }.map(\.id))
    }
    for service in store.services() {
      #expect(store.service(named: service.spec.annotations.name)?.id == service.id)
    }
  }

  static let expected =
    "01080a12060887e2cfaa061a0c08bee2cfaa06108090bcfd0222690a1962723464616c616f75356736683433706a72343763"
    + "6562697412200a020801120c0880e2cfaa061080cee4cd021a0c0880e2cfaa061080cee4cd021a2a0a090a0764656661756c"
    + "741a020805220a08904e18f4032001280a2a040a02080532070a050880ceda032a4e0a1939723833326664726d676a686e6e"
    + "386e776c373261326b316412200a020804120c0882e2cfaa06108090bcfd021a0c0882e2cfaa06108090bcfd021a02180122"
    + "070a056e6f6465322a0208022a500a196c6c667064696c3272336a357630316339626f6f6d6636733012200a020802120c08"
    + "81e2cfaa06108088debe011a0c0881e2cfaa06108088debe011a041001180122070a056e6f6465302a0208022a4c0a197373"
    + "78747a70376e6f71376d62346d67686b7470637861666d121e0a020803120b0882e2cfaa061080c2d72f1a0b0882e2cfaa06"
    + "1080c2d72f1a02180122070a056e6f6465312a0208024a390a04080110011a0c0882e2cfaa06108090bcfd0222230803121f"
    + "0a020804121939723833326664726d676a686e6e386e776c373261326b31644a6a0a04080210011a0c0885e2cfaa0610808c"
    + "8d9e022254080512500a0208081219303030303030303030303030303030303030303030303030301a2f0802122b73657276"
    + "6963652030303030303030303030303030303030303030303030303030206e6f7420666f756e64"
}
