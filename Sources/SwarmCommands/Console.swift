// SPDX-License-Identifier: Apache-2.0

/// Where commands write.
package struct Console: Sendable {
  private let output: @Sendable (String) -> Void
  private let errors: @Sendable (String) -> Void
  private let bytes: @Sendable (_ isError: Bool, [UInt8]) -> Void

  /// A console that hands over text as it comes, without adding line ends.
  ///
  /// - Parameter bytes: takes what may be no text; by default it is made text, for `output` or `errors`.
  package init(
    output: @escaping @Sendable (String) -> Void,
    errors: @escaping @Sendable (String) -> Void,
    bytes: (@Sendable (_ isError: Bool, [UInt8]) -> Void)? = nil
  ) {
    self.output = output
    self.errors = errors
    self.bytes = bytes ?? { isError, bytes in (isError ? errors : output)(String(decoding: bytes, as: UTF8.self)) }
  }

  /// Writes what others wrote, as it is.
  package func pass(_ bytes: [UInt8], toErrors: Bool) { self.bytes(toErrors, bytes) }

  /// Writes a line of results.
  package func print(_ line: String) { self.output(line + "\n") }

  /// Writes results as they are.
  package func write(_ text: String) { self.output(text) }

  /// Writes a line about something that went wrong.
  package func complain(_ line: String) { self.errors(line + "\n") }

  /// Writes text about something that went wrong, or that others wrote about it, as it is.
  package func complain(unended text: String) { self.errors(text) }
}
