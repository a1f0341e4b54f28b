// SPDX-License-Identifier: Apache-2.0

/// A driver or plugin with its options.
public struct Driver: Sendable, Hashable {
  /// The driver's name.
  public var name: String
  /// Driver-specific options.
  public var options: [String: String]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    name: String = "",
    options: [String: String] = [:],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.name = name
    self.options = options
    self.unknownFields = unknownFields
  }
}
