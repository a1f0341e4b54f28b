// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The secrets and configs of a task as files that its container mounts: secrets in memory, configs in the task's directory.
struct TaskFiles {
  /// One file.
  struct Entry: Hashable, Sendable {
    /// Where it lies on this machine.
    var path: String
    /// Where the container sees it.
    var target: String
    var content: [UInt8]
    var owner: FileTarget
  }

  private static let secretsFolder = "/run/secrets/"

  let task: SwarmTask
  let context: TaskContext
  let secretsDirectory: String

  init(task: SwarmTask, context: TaskContext, secretsDirectory: String) {
    self.task = task
    self.context = context
    self.secretsDirectory = secretsDirectory
  }

  /// The task's own directory in memory.
  private var memory: String { Self.memory(self.secretsDirectory, self.context.nodeID, self.task.id) }

  private var configs: String { "\(self.context.directory)/configs" }

  /// All files.
  ///
  /// - Throws: ``RuntimeError`` when the manager didn't send one that the task refers to, or a template can't be filled in.
  func entries() throws(RuntimeError) -> [Entry] {
    let secrets = try self.context.secretFiles(for: self.task)
    let configs = try self.context.configFiles(for: self.task)
    return Self.entries(secrets, in: self.memory, targets: Self.secretsFolder)
      + Self.entries(configs, in: self.configs, targets: "/")
  }

  private static func entries(_ files: [TaskFile], in directory: String, targets folder: String) -> [Entry] {
    files.enumerated().map { number, file in
      let name = file.target.name
      let target = name.hasPrefix("/") ? name : folder + name
      return Entry(path: "\(directory)/\(number)", target: target, content: file.data, owner: file.target)
    }
  }

  /// Writes the files; those that are there already are written again.
  func write(_ entries: [Entry]) throws(RuntimeError) {
    guard !entries.isEmpty else { return }
    for directory in [self.memory, self.configs] where entries.contains(where: { $0.path.hasPrefix(directory) }) {
      try Self.makeDirectory(directory)
    }
    if entries.contains(where: { $0.path.hasPrefix(self.memory) }) { try self.checkMemory() }
    for entry in entries { try Self.write(entry) }
  }

  /// Deletes the files, and the task's directories with them.
  static func remove(secretsDirectory: String, node: NodeID, task: TaskID, directory: String) {
    for path in [self.memory(secretsDirectory, node, task), directory] { try? FileManager.default.removeItem(atPath: path) }
  }

  /// The tasks that have files in memory.
  static func tasks(secretsDirectory: String, node: NodeID) -> [TaskID] {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "\(secretsDirectory)/\(node)")
    return (names ?? []).compactMap { TaskID($0) }
  }

  private static func memory(_ secretsDirectory: String, _ node: NodeID, _ task: TaskID) -> String {
    "\(secretsDirectory)/\(node)/\(task)"
  }

  private static func makeDirectory(_ path: String) throws(RuntimeError) {
    var partial = ""
    for part in path.split(separator: "/") {
      partial += "/\(part)"
      guard unsafe mkdir(partial, 0o700) != 0, errno != EEXIST else { continue }
      throw self.failure("create the directory \(partial)")
    }
  }

  /// Memory that all users can write to is no place for what somebody else has prepared there.
  private func checkMemory() throws(RuntimeError) {
    for path in [self.secretsDirectory, "\(self.secretsDirectory)/\(self.context.nodeID)", self.memory] {
      var status = stat()
      guard unsafe lstat(path, &status) == 0 else { throw Self.failure("look at \(path)") }
      guard status.st_mode & S_IFMT == S_IFDIR, status.st_uid == geteuid(), status.st_mode & 0o022 == 0 else {
        throw RuntimeError(code: .invalidState, message: "\(path) must be a directory of this user that nobody else can write to")
      }
    }
  }

  private static func write(_ entry: Entry) throws(RuntimeError) {
    _ = unsafe unlink(entry.path)
    let descriptor = unsafe open(entry.path, O_CREAT | O_WRONLY | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
    guard descriptor >= 0 else { throw self.failure("write \(entry.target)") }
    defer { close(descriptor) }
    var rest = entry.content[...]
    while !rest.isEmpty {
      let written = unsafe rest.withUnsafeBytes { bytes in
        unsafe Int(systemWrite(descriptor, bytes.baseAddress, bytes.count))
      }
      guard written > 0 else { throw self.failure("write \(entry.target)") }
      rest = rest.dropFirst(written)
    }
    try self.own(descriptor, entry)
    guard fchmod(descriptor, mode_t(entry.owner.mode & 0o7777)) == 0 else {
      throw self.failure("set the permissions of \(entry.target)")
    }
  }

  /// Gives the file to its owner; without the right to do so, only root's files are possible, and stay the agent's own.
  private static func own(_ descriptor: Int32, _ entry: Entry) throws(RuntimeError) {
    guard let user = uid_t(entry.owner.uid.isEmpty ? "0" : entry.owner.uid),
      let group = gid_t(entry.owner.gid.isEmpty ? "0" : entry.owner.gid)
    else {
      throw RuntimeError(
        code: .invalidArgument,
        message: "the owner of \(entry.target) must be numbers, not \(entry.owner.uid):\(entry.owner.gid)"
      )
    }
    guard fchown(descriptor, user, group) != 0 else { return }
    guard errno == EPERM, user == 0, group == 0 else { throw self.failure("set the owner of \(entry.target)") }
  }

  private static func failure(_ what: String) -> RuntimeError {
    let text = unsafe String(cString: strerror(errno))
    return RuntimeError(code: .internalError, message: "cannot \(what): \(text)")
  }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  #if canImport(Glibc)
    unsafe Glibc.write(descriptor, bytes, count)
  #elseif canImport(Musl)
    unsafe Musl.write(descriptor, bytes, count)
  #else
    unsafe Darwin.write(descriptor, bytes, count)
  #endif
}
