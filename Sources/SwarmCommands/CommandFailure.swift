// SPDX-License-Identifier: Apache-2.0

/// Why a command ends without having done its work.
package struct CommandFailure: Error, Hashable, Sendable {
  /// The sentence that the user reads.
  package var message: String
  /// What the user could do about it, on a line of its own.
  package var hint: String?
  /// What the process ends with: 125 for flags that make no sense, 1 for everything else.
  package var exitCode: Int32

  package init(_ message: String, hint: String? = nil, exitCode: Int32 = 1) {
    self.message = message
    self.hint = hint
    self.exitCode = exitCode
  }

  /// The flags make no sense; nothing was asked of the server.
  package static func flags(_ message: String) -> Self { Self(message, exitCode: 125) }
}

extension CommandFailure: CustomStringConvertible {
  package var description: String { self.hint.map { "\(self.message)\n\($0)" } ?? self.message }
}
