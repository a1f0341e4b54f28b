// SPDX-License-Identifier: Apache-2.0

/// A task's specification, shared by all tasks of a service and specification version.
public final class TaskSpecBox: Sendable {
  /// The specification.
  public let value: TaskSpec

  /// Puts a specification into a box of its own.
  public init(_ value: TaskSpec) {
    self.value = value
  }

  /// The box of the specification of nothing.
  public static let empty = TaskSpecBox(TaskSpec(runtime: .other))
}

extension TaskSpecBox: Hashable {
  /// Boxes are equal when their values are.
  public static func == (left: TaskSpecBox, right: TaskSpecBox) -> Bool {
    left === right || left.value == right.value
  }

  /// Hashes the value.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(self.value)
  }
}
