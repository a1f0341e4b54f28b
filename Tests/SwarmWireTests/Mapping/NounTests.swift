// SPDX-License-Identifier: Apache-2.0

internal import SwarmKitProtobuf
internal import SwarmModel
internal import SwarmWire
internal import SwiftProtobuf
internal import Testing

@Suite("Nouns on the wire")
struct NounTests {
  static let nouns: [any Noun.Type] = [
    Node.self, NodeSpec.self, NodeDescription.self, Service.self, ServiceSpec.self, SwarmTask.self, TaskSpec.self,
    TaskStatus.self, Cluster.self, ClusterSpec.self, Secret.self, Config.self, Network.self, Volume.self,
  ]
  static let seeds = Array(1...10) as [UInt64]

  @Test("a message with every field set comes back as it was", arguments: nouns, seeds)
  func everything(noun: any Noun.Type, seed: UInt64) throws {
    try noun.checkMessage(seed: seed)
  }

  @Test("a value comes back as it was, whatever is absent", arguments: nouns, seeds)
  func anything(noun: any Noun.Type, seed: UInt64) throws {
    try noun.checkValue(seed: seed)
  }

  @Test("the model's names are those of SwarmKit's definition", arguments: nouns, seeds)
  func names(noun: any Noun.Type, seed: UInt64) throws {
    try noun.checkNames(seed: seed)
  }

  @Test("a value of an enumeration that this version doesn't know survives")
  func unknownCase() throws {
    var proto = ProtoMount()
    proto.type = .UNRECOGNIZED(77)
    var spec = ProtoTaskSpec()
    spec.container.mounts = [proto]
    #expect(try TaskSpec(spec).proto == spec)
  }
}

/// A noun under test; makes the checks callable on a list of types.
protocol Noun: NounMapped {}

extension Noun {
  static func checkMessage(seed: UInt64) throws {
    let proto = try RandomDecoder.message(Proto.self, seed: seed)
    #expect(try Self(proto).proto.isEqualTo(message: proto))
  }

  static func checkValue(seed: UInt64) throws {
    let proto = try RandomDecoder.message(Proto.self, seed: seed, density: 40)
    let value = try Self(proto)
    #expect(try Self(value.proto) == value)
  }

  static func checkNames(seed: UInt64) throws {
    let proto = try RandomDecoder.message(Proto.self, seed: seed)
    let told = try Leaves.of(message: proto)
    let kept = Leaves.of(model: try Self(proto))
    for (path, leaf) in kept {
      #expect(told[path] == leaf, "\(Self.self).\(path)")
    }
    for path in told.keys.sorted() where kept[path] == nil {
      let isUnmodelled = unmodelled.contains { ".\(path).".contains(".\($0).") }
      #expect(isUnmodelled, "\(Self.self).\(path) isn't in the model")
    }
  }
}

/// Fields of SwarmKit that the model keeps without a name.
private let unmodelled = [
  // Nodes
  "attachment", "attachments", "certificate", "vxlanudpport", "csiinfo", "indices",
  // Clusters
  "rootca", "networkbootstrapkeys", "encryptionkeylamportclock", "blacklistedcertificates", "unlockkeys", "fips",
  "acceptancepolicy",
  // Tasks and networks
  "generic.kind", "resourcereferences", "spec.network",
  // Volumes
  "spec.secrets", "accessmode", "accessibilityrequirements", "capacityrange", "publishstatus", "volumeinfo",
]

extension Node: Noun {}
extension NodeSpec: Noun {}
extension NodeDescription: Noun {}
extension Service: Noun {}
extension ServiceSpec: Noun {}
extension SwarmTask: Noun {}
extension TaskSpec: Noun {}
extension TaskStatus: Noun {}
extension Cluster: Noun {}
extension ClusterSpec: Noun {}
extension Secret: Noun {}
extension Config: Noun {}
extension Network: Noun {}
extension Volume: Noun {}
