// SPDX-License-Identifier: Apache-2.0

/// Why a runtime couldn't do what it was asked.
///
/// The message ends up in the task's status, where users read it: one clear sentence fragment without the
/// name of the type or code.
public struct RuntimeError: Error, Sendable {
  /// What kind of failure it was.
  public var code: Code
  /// What happened, for people.
  public var message: String
  /// The error below, if there is one.
  public var cause: (any Error)?

  /// Creates an error.
  public init(code: Code, message: String, cause: (any Error)? = nil) {
    self.code = code
    self.message = message
    self.cause = cause
  }

  /// Whether the agent should try again after a while.
  public var isTemporary: Bool { self.code == .temporary }

  /// The kinds of failures.
  ///
  /// More may be added.
  public struct Code: Hashable, Sendable, CustomStringConvertible {
    private enum Value {
      case invalidArgument, notFound, exists, invalidState, timeout, unsupported, interrupted, cancelled, temporary, internalError
    }

    private var value: Value

    /// The spec of the task asks for something that can't be.
    public static let invalidArgument = Self(value: .invalidArgument)
    /// The task, or something that it needs, isn't there (any more).
    public static let notFound = Self(value: .notFound)
    /// Something of that name is there already.
    public static let exists = Self(value: .exists)
    /// The verb doesn't fit the task's state.
    public static let invalidState = Self(value: .invalidState)
    /// It took too long.
    public static let timeout = Self(value: .timeout)
    /// This runtime can't do that.
    public static let unsupported = Self(value: .unsupported)
    /// Something from outside got in the way.
    public static let interrupted = Self(value: .interrupted)
    /// The verb was cancelled by its caller.
    public static let cancelled = Self(value: .cancelled)
    /// It may work when tried again: the agent does so after one second, without end.
    public static let temporary = Self(value: .temporary)
    /// A bug or a broken machine.
    public static let internalError = Self(value: .internalError)

    /// The name of the code.
    public var description: String { String(describing: self.value) }
  }
}

extension RuntimeError: Hashable {
  /// Errors are equal when code and message are.
  public static func == (left: RuntimeError, right: RuntimeError) -> Bool {
    left.code == right.code && left.message == right.message
  }

  /// Hashes code and message.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(self.code)
    hasher.combine(self.message)
  }
}

extension RuntimeError: CustomStringConvertible {
  /// The code, the message and, when there is one, the cause.
  public var description: String {
    guard let cause = self.cause else { return "\(self.code): \(self.message)" }
    return "\(self.code): \(self.message) (cause: \(cause))"
  }
}
