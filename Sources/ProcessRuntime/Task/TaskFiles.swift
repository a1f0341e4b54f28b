// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

/// The secrets and configs of a task as files in its directory, there from before its start until its end.
///
/// Targets are relative: `tls/key` is `$SWARM_SECRETS/tls/key`. Nothing is ever written outside of the two directories.
struct TaskFiles: Sendable {
  /// The directories that files are in.
  enum Kind: String, Sendable, CaseIterable {
    case secrets
    case configs
  }

  /// One file.
  struct File: Sendable {
    let kind: Kind
    /// The names of the directories that the file is in, from the outside in, and then its own.
    let path: [String]
    let mode: UInt32
    let data: [UInt8]
  }

  let files: [File]

  /// The files that a task's specification asks for.
  ///
  /// - Throws: when a secret or config is missing, or has a target or an owner that a process of this user can't have.
  init(of task: SwarmTask, context: TaskContext) throws(RuntimeError) {
    var files: [File] = []
    for file in try context.secretFiles(for: task) { files.append(try Self.file(file, .secrets)) }
    for file in try context.configFiles(for: task) { files.append(try Self.file(file, .configs)) }
    self.files = files
  }

  /// Where the files of a kind are.
  static func directory(_ kind: Kind, of directory: String) -> String { "\(directory)/\(kind.rawValue)" }

  private static func file(_ file: TaskFile, _ kind: Kind) throws(RuntimeError) -> File {
    let name = file.target.name
    let path = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard !name.utf8.contains(0), path.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && $0.utf8.count <= 255 }) else {
      throw RuntimeError(
        code: .unsupported,
        message: "the target \"\(name)\" can't be a file of a process: it has to be a relative path without \".\" and \"..\""
      )
    }
    for owner in [file.target.uid, file.target.gid] where !owner.isEmpty && owner != "0" {
      throw RuntimeError(code: .unsupported, message: "files of the process runtime belong to its own user, not to \(owner)")
    }
    // The directories around it keep other users out; the task itself always gets to read what it asked for.
    return File(kind: kind, path: path, mode: file.target.mode & 0o777 | 0o400, data: file.data)
  }

  /// Writes all files; blocks.
  func write(to directory: TaskDirectory) throws(RuntimeError) {
    for file in self.files {
      var path = Self.directory(file.kind, of: directory.path)
      var parent = try PrivateDirectory.create(path)
      for name in file.path.dropLast() {
        path += "/\(name)"
        parent = try PrivateDirectory.create(path)
      }
      try parent.write(file.path[file.path.count - 1], file.data, durable: false, mode: file.mode)
    }
  }

  /// Deletes all files of a task; blocks.
  static func remove(from directory: TaskDirectory) throws(RuntimeError) {
    guard let opened = try PrivateDirectory.open(directory.path) else { return }
    for kind in Kind.allCases { try opened.removeTree(kind.rawValue) }
  }
}
