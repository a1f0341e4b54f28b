// SPDX-License-Identifier: Apache-2.0

/// Where commands write.
package struct Console: Sendable {
  private let output: @Sendable (String) -> Void
  private let errors: @Sendable (String) -> Void

  /// A console that hands over text as it comes, without adding line ends.
  package init(output: @escaping @Sendable (String) -> Void, errors: @escaping @Sendable (String) -> Void) {
    self.output = output
    self.errors = errors
  }

  /// Writes a line of results.
  package func print(_ line: String) { self.output(line + "\n") }

  /// Writes results as they are.
  package func write(_ text: String) { self.output(text) }

  /// Writes a line about something that went wrong.
  package func complain(_ line: String) { self.errors(line + "\n") }

  /// Writes text about something that went wrong, or that others wrote about it, as it is.
  package func complain(unended text: String) { self.errors(text) }
}
