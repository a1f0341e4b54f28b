// SPDX-License-Identifier: Apache-2.0

/// A wish of where tasks go.
public struct PlacementPreference: Sendable, Hashable {
  /// Spreads tasks evenly over the values of a label.
  public var spread: SpreadOver?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    spread: SpreadOver? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.spread = spread
    self.unknownFields = unknownFields
  }
}
