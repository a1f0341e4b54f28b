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
  /// - Throws: ``RuntimeError/Code/notFound`` when the manager didn't send one that the task refers to.
  func entries() throws(RuntimeError) -> [Entry] {
    var entries: [Entry] = []
    for reference in self.task.spec.value.container?.secrets ?? [] {
      guard let file = reference.file else { continue }
      guard let secret = self.context.secrets.first(where: { $0.id == reference.secretID }) else {
        throw RuntimeError(code: .notFound, message: "secret not found: \(reference.secretName)")
      }
      entries.append(
        Entry(
          path: "\(self.memory)/\(entries.count)",
          target: Self.target(file.name, folder: Self.secretsFolder),
          content: try self.expanded(secret.spec.data, secret.spec.templating),
          owner: file
        )
      )
    }
    for reference in self.task.spec.value.container?.configs ?? [] {
      guard let file = reference.file else { continue }
      guard let config = self.context.configs.first(where: { $0.id == reference.configID }) else {
        throw RuntimeError(code: .notFound, message: "config not found: \(reference.configName)")
      }
      entries.append(
        Entry(
          path: "\(self.configs)/\(entries.count)",
          target: Self.target(file.name, folder: "/"),
          content: try self.expanded(config.spec.data, config.spec.templating),
          owner: file
        )
      )
    }
    return entries
  }

  private static func target(_ name: String, folder: String) -> String { name.hasPrefix("/") ? name : folder + name }

  /// The content, with placeholders replaced when it is a template.
  private func expanded(_ content: [UInt8], _ templating: Driver?) throws(RuntimeError) -> [UInt8] {
    guard templating?.name == "golang", let text = String(validating: content, as: UTF8.self) else { return content }
    return Array(try self.context.expand(text, for: self.task).utf8)
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
