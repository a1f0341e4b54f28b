// SPDX-License-Identifier: Apache-2.0

/// A command that runs beside a running task, in the task's surroundings.
public struct ExecRequest: Sendable, Hashable {
  /// The program and its arguments.
  public var arguments: [String]
  /// Variables beyond the task's own, `NAME=value` each.
  public var environment: [String]
  /// The working directory; empty for the task's.
  public var directory: String
  /// Who runs it, as a name or `uid:gid`; empty for the task's user.
  public var user: String
  /// The size of its terminal; `nil` without one.
  ///
  /// With a terminal everything that the command writes is standard output.
  public var terminal: TerminalSize?
  /// Whether it gets what its caller sends as standard input; else that is empty.
  public var takesInput: Bool

  /// Creates a request; what is left out is the task's own.
  public init(
    _ arguments: [String],
    environment: [String] = [],
    directory: String = "",
    user: String = "",
    terminal: TerminalSize? = nil,
    takesInput: Bool = false
  ) {
    self.arguments = arguments
    self.environment = environment
    self.directory = directory
    self.user = user
    self.terminal = terminal
    self.takesInput = takesInput
  }

  /// Checks what no runtime could carry out.
  ///
  /// - Throws: `invalidArgument` with the reason.
  public func validate() throws(SwarmError) {
    guard let program = self.arguments.first, !program.isEmpty else {
      throw SwarmError(code: .invalidArgument, message: "No exec command specified")
    }
    guard self.environment.allSatisfy({ $0.first != "=" && $0.contains("=") }) else {
      throw SwarmError(code: .invalidArgument, message: "variables have to be NAME=value")
    }
    let texts = self.arguments + self.environment + [self.directory, self.user]
    guard texts.allSatisfy({ !$0.utf8.contains(0) }) else {
      throw SwarmError(code: .invalidArgument, message: "the command contains a NUL character")
    }
    guard texts.reduce(0, { $0 + $1.utf8.count }) <= 1 << 20 else {
      throw SwarmError(code: .invalidArgument, message: "the command has more than 1 MiB")
    }
  }
}

/// How many characters a terminal shows.
public struct TerminalSize: Sendable, Hashable {
  /// Characters in a line.
  public var columns: UInt16
  /// Lines.
  public var rows: UInt16

  /// Creates a size; 80 by 24 unless said otherwise.
  public init(columns: UInt16 = 80, rows: UInt16 = 24) {
    self.columns = columns
    self.rows = rows
  }
}
