// SPDX-License-Identifier: Apache-2.0

// A secret that is printed, into a log or by a failing test, doesn't tell what it is.
extension SecretSpec: CustomStringConvertible {
  /// The name and the number of bytes.
  public var description: String { "SecretSpec(\(self.annotations.name), \(self.data.count) bytes)" }
}
