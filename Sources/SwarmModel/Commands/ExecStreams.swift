// SPDX-License-Identifier: Apache-2.0

/// What goes to a command that runs beside a task.
public enum ExecInput: Sendable, Hashable {
  /// More of its standard input.
  case bytes([UInt8])
  /// Its standard input has ended.
  case end
  /// Its terminal has another size now.
  case resize(TerminalSize)
}

/// What comes from a command that runs beside a task.
public enum ExecOutput: Sendable, Hashable {
  /// It wrote this to its standard output, or to its terminal.
  case stdout([UInt8])
  /// It wrote this to its standard error.
  case stderr([UInt8])
}
