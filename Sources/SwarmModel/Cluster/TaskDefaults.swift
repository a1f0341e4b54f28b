// SPDX-License-Identifier: Apache-2.0

/// Defaults of tasks that don't say otherwise.
public struct TaskDefaults: Sendable, Hashable {
  /// Where tasks' output goes.
  public var logDriver: Driver?
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    logDriver: Driver? = nil,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.logDriver = logDriver
    self.unknownFields = unknownFields
  }
}
