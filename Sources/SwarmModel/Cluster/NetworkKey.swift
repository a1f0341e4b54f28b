// SPDX-License-Identifier: Apache-2.0

/// A key that nodes share: to speak to each other beside the managers, or to open locked managers (SwarmKit's `EncryptionKey`).
public struct NetworkKey: Sendable, Hashable {
  /// The subsystem of our nodes' gossip; those of Docker's engines have names of their own.
  package static let gossip = "swift-swarm:gossip"

  /// What the key is for.
  public var subsystem: String
  /// The key itself.
  public var key: [UInt8]
  /// Later keys have higher numbers; the highest one seals.
  public var lamportTime: UInt64
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    subsystem: String = "",
    key: [UInt8] = [],
    lamportTime: UInt64 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.subsystem = subsystem
    self.key = key
    self.lamportTime = lamportTime
    self.unknownFields = unknownFields
  }
}

extension NetworkKey: CustomStringConvertible, CustomDebugStringConvertible {
  /// What the key is for; never the key.
  public var description: String { "key \(self.lamportTime) of \(self.subsystem)" }
  /// What the key is for; never the key.
  public var debugDescription: String { self.description }
}
