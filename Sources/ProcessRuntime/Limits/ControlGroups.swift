// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// The control groups (cgroup v2) of a node's tasks: one group for the node, and in it one for each task.
///
/// Directories and files of the kernel's; everything here blocks.
struct ControlGroups: Sendable {
  /// The node's group; `nil` where there are none.
  let path: String?
  /// What can be limited.
  let controllers: Set<TaskLimits.Controller>
  /// Why something can't be.
  let reason: String

  /// Makes the group of a node, or finds it.
  init(_ place: ControlGroupPlace, node: String) {
    let parent: String
    switch place {
    case .none:
      self.init(unavailable: "control groups are switched off")
      return
    case .directory(let path): parent = path
    case .automatic:
      guard let root = Self.root else {
        self.init(unavailable: "this machine has no control groups of version 2")
        return
      }
      parent = "\(root)/swift-swarm"
      Self.enable(in: root)
      guard Self.makeDirectory(parent) else {
        self.init(unavailable: "no control group can be made below \(root): \(systemText(errno))")
        return
      }
    }
    Self.enable(in: parent)
    let path = "\(parent)/\(node)"
    guard Self.makeDirectory(path) else {
      self.init(unavailable: "no control group can be made in \(parent): \(systemText(errno))")
      return
    }
    Self.enable(in: path)
    let names = Self.words("\(path)/cgroup.subtree_control")
    self.init(
      path: path,
      controllers: Set(TaskLimits.Controller.allCases.filter { names.contains($0.rawValue) }),
      reason: "the control group \(parent) has no controllers for them"
    )
  }

  private init(unavailable reason: String) {
    self.init(path: nil, controllers: [], reason: reason)
  }

  private init(path: String?, controllers: Set<TaskLimits.Controller>, reason: String) {
    self.path = path
    self.controllers = controllers
    self.reason = reason
  }

  /// The group of a task; `nil` where there are none.
  func group(of task: String) -> String? { self.path.map { "\($0)/\(task)" } }

  /// Makes a task's group with its limits.
  func make(_ task: String, _ limits: TaskLimits) throws(RuntimeError) {
    guard let group = self.group(of: task) else { return }
    guard Self.makeDirectory(group) else { throw .system("make the control group \(group)", errno) }
    for setting in limits.settings where self.controllers.contains(setting.controller) {
      let error = Self.write("\(group)/\(setting.file)", setting.value)
      guard error == 0 || (setting.isOptional && error == ENOENT) else {
        throw .system("set \(setting.file) of the control group \(group) to \(setting.value)", error)
      }
    }
  }

  /// Deletes a task's group, which has no processes any more; does nothing when it isn't there.
  func remove(_ task: String) {
    guard let group = self.group(of: task) else { return }
    _ = unsafe rmdir(group)
  }

  /// Deletes the node's group if no task is left in it.
  func close() {
    guard let path else { return }
    _ = unsafe rmdir(path)
  }

  /// Lets the groups in a group have limits, as far as that is permitted.
  private static func enable(in group: String) {
    // One by one: the kernel takes all or none.
    let (available, enabled) = (self.words("\(group)/cgroup.controllers"), self.words("\(group)/cgroup.subtree_control"))
    for controller in TaskLimits.Controller.allCases
    where available.contains(controller.rawValue) && !enabled.contains(controller.rawValue) {
      _ = self.write("\(group)/cgroup.subtree_control", "+\(controller.rawValue)")
    }
  }

  /// Where the kernel shows control groups of version 2.
  private static let root: String? = {
    for line in (ControlGroups.read("/proc/self/mountinfo") ?? "").split(separator: "\n") {
      let words = line.split(separator: " ")
      guard let dash = words.firstIndex(of: "-"), words.count > dash + 1, words[dash + 1] == "cgroup2", words.count > 4 else {
        continue
      }
      return String(words[4])
    }
    return nil
  }()

  private static func makeDirectory(_ path: String) -> Bool {
    unsafe mkdir(path, 0o755) == 0 || errno == EEXIST
  }

  /// Writes to a file of the kernel's, which has to be there; returns the system's error number.
  private static func write(_ path: String, _ value: String) -> Int32 {
    guard let file = self.open(path, O_WRONLY | O_CLOEXEC) else { return errno }
    let bytes = Array(value.utf8)
    let count = unsafe bytes.withUnsafeBytes { unsafe swarm_write(file.number, $0.baseAddress, $0.count) }
    return count < 0 ? errno : 0
  }

  private static func words(_ path: String) -> Set<String> {
    Set((self.read(path) ?? "").split(whereSeparator: \.isWhitespace).map(String.init))
  }

  /// The text of a file of the kernel's; `nil` when it can't be read.
  static func read(_ path: String) -> String? {
    guard let file = self.open(path, O_RDONLY | O_CLOEXEC) else { return nil }
    var bytes: [UInt8] = []
    while let piece = try? file.readAvailable(count: 16 * 1024), !piece.isEmpty { bytes += piece }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func open(_ path: String, _ flags: Int32) -> Descriptor? {
    #if canImport(Glibc)
      let number = unsafe Glibc.open(path, flags)
    #elseif canImport(Musl)
      let number = unsafe Musl.open(path, flags)
    #else
      let number = unsafe Darwin.open(path, flags)
    #endif
    return number >= 0 ? Descriptor(owning: number) : nil
  }
}
