// SPDX-License-Identifier: Apache-2.0

/// What kind of thing a task runs.
public enum TaskRuntime: Sendable, Hashable {
  /// A container, or whatever the runtime makes of it.
  indirect case container(ContainerSpec)
  /// A kind that this version doesn't know; its fields are in ``TaskSpec/unknownFields``.
  case other
}

extension TaskSpec {
  /// The container's specification; `nil` when the task is something else.
  public var container: ContainerSpec? {
    get {
      guard case .container(let container) = self.runtime else { return nil }
      return container
    }
    set {
      self.runtime = newValue.map { .container($0) } ?? .other
    }
  }
}
