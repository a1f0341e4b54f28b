// SPDX-License-Identifier: Apache-2.0

/// How managers protect what they store.
public struct EncryptionConfig: Sendable, Hashable {
  /// Whether a restarted manager must be unlocked by hand.
  public var autoLockManagers: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    autoLockManagers: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.autoLockManagers = autoLockManagers
    self.unknownFields = unknownFields
  }
}
