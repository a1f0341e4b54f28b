// SPDX-License-Identifier: Apache-2.0

/// What compose files refer to outside of themselves: variables and other files.
///
/// The module itself reads neither the environment nor the disk.
public struct ComposeSurroundings: Sendable {
  /// The variables that `${NAME}` stands for, and that `environment` takes its values from when it gives none.
  public var environment: [String: String]
  /// The folder that relative paths of compose files begin at, absolute; a mount of a folder needs it.
  public var directory: String
  /// Reads a file that a compose file names: env files, contents of secrets and configs, files that are
  /// extended.
  ///
  /// What it throws becomes the reason in a ``ComposeError``.
  public var readFile: @Sendable (_ path: String) throws -> [UInt8]

  /// Creates surroundings; by default there are no variables and no files.
  public init(
    environment: [String: String] = [:],
    directory: String = "",
    readFile: @escaping @Sendable (_ path: String) throws -> [UInt8] = { throw ComposeError("\($0) isn't there") }
  ) {
    self.environment = environment
    self.directory = directory
    self.readFile = readFile
  }
}
