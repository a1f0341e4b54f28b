// SPDX-License-Identifier: Apache-2.0

/// When and by which change an object was written.
public struct Meta: Sendable, Hashable {
  /// The change that wrote the object last.
  public var version: Version
  /// When the object was created, by the leader's clock.
  public var createdAt: Timestamp
  /// When the object was written last, by the leader's clock.
  public var updatedAt: Timestamp

  /// Creates the metadata of an object.
  public init(version: Version = .zero, createdAt: Timestamp = .zero, updatedAt: Timestamp = .zero) {
    self.version = version
    self.createdAt = createdAt
    self.updatedAt = updatedAt
  }
}
