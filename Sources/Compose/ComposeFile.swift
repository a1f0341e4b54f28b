// SPDX-License-Identifier: Apache-2.0

/// The text of one compose file.
public struct ComposeFile: Hashable, Sendable {
  /// The file's path; relative paths inside the first of several files begin at its folder.
  ///
  /// A name without a folder, like `<stdin>`, stands for the current folder.
  public var path: String
  /// What stands in it.
  public var text: String

  /// Creates a file.
  public init(path: String, text: String) {
    self.path = path
    self.text = text
  }
}
