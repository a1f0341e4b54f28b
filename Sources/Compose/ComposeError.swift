// SPDX-License-Identifier: Apache-2.0

/// Why a compose file can't be used: what is wrong, and where it stands.
public struct ComposeError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Where it stands; `nil` when no place in a file is to blame.
  public var position: ComposePosition?
  /// A sentence for the one who wrote the file.
  public var message: String

  /// Creates an error.
  public init(_ message: String, at position: ComposePosition? = nil) {
    self.message = message
    self.position = position
  }

  /// `stack.yml:3:5: message`, as compilers write it.
  public var description: String { self.position.map { "\($0): \(self.message)" } ?? self.message }
}
