// SPDX-License-Identifier: Apache-2.0

// A secret that is printed, into a log or by a failing test, doesn't tell what it is.
extension SecretSpec: CustomStringConvertible, CustomReflectable {
  /// The name and the number of bytes.
  public var description: String { "SecretSpec(\(self.annotations.name), \(self.data.count) bytes)" }

  /// Everything but the data.
  public var customMirror: Mirror {
    Mirror(self, children: ["annotations": self.annotations, "size": self.data.count])
  }
}
