// SPDX-License-Identifier: Apache-2.0

/// The name and the labels that every named object carries.
public struct Annotations: Sendable, Hashable {
  /// The object's name; unique among the objects of its kind.
  public var name: String
  /// Free-form labels.
  public var labels: [String: String]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    name: String = "",
    labels: [String: String] = [:],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.name = name
    self.labels = labels
    self.unknownFields = unknownFields
  }
}
