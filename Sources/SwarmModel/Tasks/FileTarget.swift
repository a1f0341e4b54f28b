// SPDX-License-Identifier: Apache-2.0

/// Where a secret or config appears inside a task.
public struct FileTarget: Sendable, Hashable {
  /// The file's name, or an absolute path.
  public var name: String
  /// The owner's user id.
  public var uid: String
  /// The owner's group id.
  public var gid: String
  /// The file's permission bits.
  public var mode: UInt32
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    name: String = "",
    uid: String = "",
    gid: String = "",
    mode: UInt32 = 0o444,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.name = name
    self.uid = uid
    self.gid = gid
    self.mode = mode
    self.unknownFields = unknownFields
  }
}
