// SPDX-License-Identifier: Apache-2.0

/// How a network's addresses are handed out.
public struct IPAMOptions: Sendable, Hashable {
  /// The address management driver.
  public var driver: Driver?
  /// The address ranges.
  public var configs: [IPAMConfig]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    driver: Driver? = nil,
    configs: [IPAMConfig] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.driver = driver
    self.configs = configs
    self.unknownFields = unknownFields
  }
}
