// SPDX-License-Identifier: Apache-2.0

/// A key that managers share.
public struct EncryptionKey: Sendable, Hashable {
  /// What the key is for, such as `manager` for the key that unlocks managers.
  public var subsystem: String
  /// How the key is used.
  public var algorithm: Algorithm
  /// The key itself.
  public var key: [UInt8]
  /// Orders the keys of a subsystem: the largest is the newest.
  public var lamportTime: UInt64
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    subsystem: String = "",
    algorithm: Algorithm = .aes128GCM,
    key: [UInt8] = [],
    lamportTime: UInt64 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.subsystem = subsystem
    self.algorithm = algorithm
    self.key = key
    self.lamportTime = lamportTime
    self.unknownFields = unknownFields
  }

  /// How a shared key is used.
  public enum Algorithm: Int32, Sendable, Hashable, CaseIterable {
    /// AES-128 in Galois counter mode; SwarmKit has no other value.
    case aes128GCM = 0
  }
}
