// SPDX-License-Identifier: Apache-2.0
import SwarmModel
import Testing

@Suite("Codec")
struct CodecTests {
  /// Every noun, and the specifications that travel by themselves.
  static let types: [any WireMessage.Type] = [
    Node.self, Service.self, SwarmTask.self, Cluster.self, Secret.self, Config.self, Network.self, Volume.self,
    NodeSpec.self, ServiceSpec.self, TaskSpec.self, ClusterSpec.self, NodeDescription.self, TaskStatus.self,
    NodeCertificate.self, RootCA.self, NetworkKey.self,
  ]

  @Test("what is written reads back the same", arguments: 0..<types.count, 0..<25)
  func roundTrip(type: Int, seed: Int) throws {
    func check<Message: WireMessage>(_ type: Message.Type) throws {
      var fields = RandomFields(seed: UInt64(seed))
      let message = fields.record(type)
      let bytes = message.encoded()
      let read = try Message(encoded: bytes)
      #expect(read == message)
      #expect(read.encoded() == bytes)
    }
    try check(Self.types[type])
  }

  @Test("default values read back the same", arguments: 0..<types.count)
  func defaults(type: Int) throws {
    func check<Message: WireMessage>(_ type: Message.Type) throws {
      #expect(try Message(encoded: []) == .blank)
      #expect(try Message(encoded: Message.blank.encoded()) == .blank)
    }
    try check(Self.types[type])
    #expect(try Service(encoded: Service().encoded()) == Service())
    #expect(try Cluster(encoded: Cluster().encoded()) == Cluster())
    #expect(try Node(encoded: Node().encoded()) == Node())
    #expect(try RestartPolicy(encoded: RestartPolicy().encoded()) == RestartPolicy())
    #expect(try UpdateConfig(encoded: UpdateConfig().encoded()) == UpdateConfig())
  }

  @Test("unknown fields are kept and written back", arguments: 0..<types.count)
  func unknownFields(type: Int) throws {
    func check<Message: WireMessage>(_ type: Message.Type) throws {
      var fields = RandomFields(seed: 7)
      var message = fields.record(type)
      // Field 500 as a number, 501 as bytes, 502 as four and 503 as eight bytes.
      let unknown: [UInt8] = [
        0xa0, 0x1f, 0x96, 0x01, 0xaa, 0x1f, 0x02, 0x68, 0x69, 0xb5, 0x1f, 1, 2, 3, 4, 0xb9, 0x1f, 1, 2, 3, 4, 5, 6, 7, 8,
      ]
      let read = try Message(encoded: message.encoded() + unknown)
      message.unknownFields = UnknownFields(unknown)
      #expect(read == message)
      #expect(read.encoded() == message.encoded())
    }
    try check(Self.types[type])
  }

  @Test("numbers that an enumeration does not have are kept")
  func unknownEnumeration() throws {
    // Field 4 (availability) with the value 9.
    let spec = try NodeSpec(encoded: [0x20, 9])
    #expect(spec.availability == .active)
    #expect(spec.encoded() == [0x20, 9])
  }

  @Test("maps are written in the order of their keys")
  func sortedMaps() {
    let labels = Dictionary(uniqueKeysWithValues: (0..<50).map { ("key\($0)", "v") })
    let shuffled = Dictionary(uniqueKeysWithValues: (0..<50).reversed().map { ("key\($0)", "v") })
    #expect(Annotations(labels: labels).encoded() == Annotations(labels: shuffled).encoded())
    #expect(
      Annotations(labels: ["b": "2", "a": "1"]).encoded() == [
        0x12, 6, 0x0a, 1, 97, 0x12, 1, 49, 0x12, 6, 0x0a, 1, 98, 0x12, 1, 50,
      ]
    )
  }

  @Test("a record that is cut short gives a value or a typed error", arguments: 0..<types.count)
  func truncation(type: Int) {
    func check<Message: WireMessage>(_ type: Message.Type) {
      var fields = RandomFields(seed: 3)
      let bytes = fields.record(type).encoded()
      for count in stride(from: 0, to: bytes.count, by: 3) {
        do throws(SwarmError) {
          _ = try Message(encoded: bytes.prefix(count))
        } catch {
          #expect(error.code == .dataLoss)
        }
      }
    }
    check(Self.types[type])
  }

  @Test("damaged bytes give a value or a typed error", arguments: 0..<types.count)
  func damage(type: Int) {
    func check<Message: WireMessage>(_ type: Message.Type) {
      var fields = RandomFields(seed: 11)
      let bytes = fields.record(type).encoded()
      guard !bytes.isEmpty else { return }
      for _ in 0..<150 {
        var damaged = bytes
        for _ in 0..<3 {
          damaged[Int.random(in: bytes.indices, using: &fields.random)] = UInt8.random(in: 0...255, using: &fields.random)
        }
        do throws(SwarmError) {
          let message = try Message(encoded: damaged)
          // What could be read can be written and read again.
          let rewritten = message.encoded()
          #expect(try Message(encoded: rewritten).encoded() == rewritten)
        } catch {
          #expect(error.code == .dataLoss)
        }
      }
    }
    check(Self.types[type])
  }

  @Test(
    "impossible bytes are refused",
    arguments: [
      [0x00, 0x00],  // field number 0
      [0x0b],  // a group, which nobody writes
      [0x08],  // a tag without a value
      [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],  // a number of more than 64 bits
      [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],  // a number of eleven bytes
      [0x0a, 0x05, 1, 2],  // bytes beyond the end
      [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],  // a length of all bits
      [0x0d, 1, 2],  // half a four-byte value
      [0x80, 0x80, 0x80, 0x80, 0x80, 0x01, 0x00],  // a field number beyond 32 bits
    ] as [[UInt8]]
  )
  func impossible(bytes: [UInt8]) {
    #expect(throws: SwarmError.self) { try Node(encoded: bytes) }
  }

  @Test("text that is not UTF-8 is refused")
  func invalidText() {
    let error = #expect(throws: SwarmError.self) { try Annotations(encoded: [0x0a, 2, 0xc3, 0x28]) }
    #expect(error?.code == .dataLoss)
  }

  @Test("records nested deeper than the limit are refused")
  func depth() {
    let error = #expect(throws: SwarmError.self) {
      var message = Annotations()
      try message.readFields([0x0a, 1, 97], depth: WireReader.maximumDepth + 1)
    }
    #expect(error?.code == .dataLoss)
  }

  @Test("a field that comes twice takes the last value, and records merge")
  func repetition() throws {
    let spec = try NodeSpec(encoded: [0x20, 1, 0x20, 2])
    #expect(spec.availability == .drain)
    let name: [UInt8] = [0x0a, 3, 0x0a, 1, 97]
    let label: [UInt8] = [0x0a, 8, 0x12, 6, 0x0a, 1, 107, 0x12, 1, 118]
    #expect(try NodeSpec(encoded: name + label).annotations == Annotations(name: "a", labels: ["k": "v"]))
  }

  @Test("times before 1970 and negative durations survive")
  func negativeTimes() throws {
    for nanoseconds in [-1, 1, -1_000_000_000, .min, .max] as [Int64] {
      let meta = Meta(createdAt: Timestamp(nanoseconds: nanoseconds))
      #expect(try Meta(encoded: meta.encoded()) == meta)
      let policy = RestartPolicy(delay: .nanoseconds(nanoseconds))
      #expect(try RestartPolicy(encoded: policy.encoded()) == policy)
    }
  }

  @Test("an optional record differs from an absent one")
  func presence() throws {
    let present = Service(endpoint: Endpoint())
    #expect(try Service(encoded: present.encoded()).endpoint == Endpoint())
    #expect(try Service(encoded: Service().encoded()).endpoint == nil)
    let container = ContainerSpec(image: "a", initProcess: false)
    #expect(try ContainerSpec(encoded: container.encoded()).initProcess == false)
  }
}
