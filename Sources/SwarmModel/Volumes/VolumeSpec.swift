// SPDX-License-Identifier: Apache-2.0

/// What the operator wants of a cluster volume.
public struct VolumeSpec: Sendable, Hashable {
  /// The volume's name and labels.
  public var annotations: Annotations
  /// The group; mounts may name a group instead of a volume.
  public var group: String
  /// The driver that makes the volume.
  public var driver: Driver?
  /// Whether tasks may use the volume.
  public var availability: Availability
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    annotations: Annotations = Annotations(),
    group: String = "",
    driver: Driver? = nil,
    availability: Availability = .active,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.annotations = annotations
    self.group = group
    self.driver = driver
    self.availability = availability
    self.unknownFields = unknownFields
  }

  /// Whether tasks may use a volume.
  public enum Availability: Int32, Sendable, Hashable, CaseIterable {
    /// Tasks may use the volume.
    case active = 0
    /// No new task may use the volume.
    case pause = 1
    /// Tasks that use the volume move away.
    case drain = 2
  }
}
