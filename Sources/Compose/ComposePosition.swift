// SPDX-License-Identifier: Apache-2.0

/// A place in a compose file.
public struct ComposePosition: Hashable, Sendable, CustomStringConvertible {
  /// The file's name, as it was handed in.
  public var file: String
  /// The line, counted from 1.
  public var line: Int
  /// The column, counted from 1.
  public var column: Int

  /// Creates a position.
  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  /// `file:line:column`.
  public var description: String { "\(self.file):\(self.line):\(self.column)" }
}
