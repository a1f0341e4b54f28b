// SPDX-License-Identifier: Apache-2.0

/// Spreads tasks evenly over the values of a label.
public struct SpreadOver: Sendable, Hashable {
  /// The label, as `node.labels.…` or `engine.labels.…`.
  public var spreadDescriptor: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    spreadDescriptor: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.spreadDescriptor = spreadDescriptor
    self.unknownFields = unknownFields
  }
}
