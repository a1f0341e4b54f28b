// SPDX-License-Identifier: Apache-2.0

internal import SwarmAgent
internal import SwarmModel

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

extension OpenNode {
  /// What running tasks use; blocks.
  func usage(of tasks: [TaskID]) throws(RuntimeError) -> [TaskUsage] {
    var usages: [TaskUsage] = []
    // Looked at once for all tasks that need it.
    var tree: ProcessTree?
    for task in tasks {
      let directory = TaskDirectory(path: "\(self.directory.path)/\(task)")
      guard case .running(let record)? = try? directory.observe() else { continue }
      if let usage = self.groups.usage(of: task) {
        usages.append(usage)
      } else {
        if tree == nil { tree = try .current() }
        if let tree { usages.append(TaskUsage(task, tree.usage(below: record.shim.pid))) }
      }
    }
    return usages
  }
}

extension ControlGroups {
  /// What a task uses by its control group; `nil` where that doesn't say it.
  func usage(of task: TaskID) -> TaskUsage? {
    guard let group = self.group(of: "\(task)"),
      let cpu = Self.read("\(group)/cpu.stat").flatMap({ Self.value("usage_usec", in: $0) }),
      let memory = Self.read("\(group)/memory.current").flatMap(Self.number)
    else { return nil }
    // What the kernel could have back at once isn't counted, as in Docker.
    let inactive = Self.read("\(group)/memory.stat").flatMap { Self.value("inactive_file", in: $0) } ?? 0
    return TaskUsage(
      task: task,
      cpuTime: .microseconds(cpu),
      memoryBytes: max(memory - inactive, 0),
      memoryLimit: Self.read("\(group)/memory.max").flatMap(Self.number) ?? 0,
      processes: Self.read("\(group)/pids.current").flatMap(Self.number) ?? 0
    )
  }

  private static func number(_ text: String) -> Int64? {
    text.split(whereSeparator: \.isWhitespace).first.flatMap { Int64($0) }
  }

  private static func value(_ key: String, in text: String) -> Int64? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count == 2, words[0] == key { return Int64(words[1]) }
    }
    return nil
  }
}

extension TaskUsage {
  fileprivate init(_ task: TaskID, _ usage: ProcessTree.Usage) {
    let ticks = Int64(max(sysconf(Int32(_SC_CLK_TCK)), 1))
    self.init(
      task: task,
      cpuTime: .nanoseconds(Int64(clamping: usage.ticks) * (1_000_000_000 / ticks)),
      memoryBytes: Int64(clamping: usage.pages) * Int64(max(sysconf(Int32(_SC_PAGESIZE)), 1)),
      processes: Int64(usage.processes)
    )
  }
}

extension ProcessTree {
  /// The processes that there are now; blocks.
  fileprivate static func current() throws(RuntimeError) -> ProcessTree {
    guard let list = unsafe opendir("/proc") else { throw .system("list /proc", errno) }
    defer { _ = unsafe closedir(list) }
    var tree = ProcessTree()
    while let entry = unsafe readdir(list) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      // One that has ended meanwhile can't be read, and uses nothing.
      if Int32(name) != nil, let stat = ControlGroups.read("/proc/\(name)/stat") { tree.add(stat) }
    }
    return tree
  }
}
