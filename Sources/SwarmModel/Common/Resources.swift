// SPDX-License-Identifier: Apache-2.0

/// An amount of resources: what a node has, or what a task reserves or may use.
public struct Resources: Sendable, Hashable {
  /// Processor time in billionths of a core per second.
  public var nanoCPUs: Int64
  /// Memory in bytes.
  public var memoryBytes: Int64
  /// Resources that the host names itself.
  public var generic: [GenericResource]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    nanoCPUs: Int64 = 0,
    memoryBytes: Int64 = 0,
    generic: [GenericResource] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.nanoCPUs = nanoCPUs
    self.memoryBytes = memoryBytes
    self.generic = generic
    self.unknownFields = unknownFields
  }
}
