// SPDX-License-Identifier: Apache-2.0

/// The ports that a task opened on its node.
public struct PortStatus: Sendable, Hashable {
  /// The ports with the numbers in use.
  public var ports: [PortConfig]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    ports: [PortConfig] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.ports = ports
    self.unknownFields = unknownFields
  }
}
