// SPDX-License-Identifier: Apache-2.0

/// Thrown by a closure to end its task with an exit code.
public struct ClosureExit: Error, Sendable, Hashable {
  /// The exit code; 0 means that the task completed.
  public var code: Int32

  /// Creates an exit.
  public init(code: Int32) {
    self.code = code
  }
}
