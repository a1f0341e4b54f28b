// SPDX-License-Identifier: Apache-2.0

/// A cluster volume that a task uses.
public struct VolumeAttachment: Sendable, Hashable {
  /// The volume.
  public var id: VolumeID
  /// The mount's source.
  public var source: String
  /// The mount's target.
  public var target: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: VolumeID = VolumeID(),
    source: String = "",
    target: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.source = source
    self.target = target
    self.unknownFields = unknownFields
  }
}
