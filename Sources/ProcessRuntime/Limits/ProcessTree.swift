// SPDX-License-Identifier: Apache-2.0

/// The machine's processes, as far as it matters what they use and whose they are.
///
/// Pure: it is made of the texts that the kernel shows.
package struct ProcessTree: Sendable {
  /// What a process and all of its descendants use.
  package struct Usage: Hashable, Sendable {
    /// Processor time in clock ticks, that of ended children included whose parents have asked for it.
    package var ticks: UInt64 = 0
    /// Resident memory in pages.
    package var pages: UInt64 = 0
    package var processes = 0

    /// Nothing.
    package init() {}
  }

  private struct Process {
    var parent: Int32
    var ticks: UInt64
    var pages: UInt64
  }

  private var processes: [Int32: Process] = [:]
  private var children: [Int32: [Int32]] = [:]

  /// A machine without processes.
  package init() {}

  /// Adds a process, by the text of its `stat`; what can't be read is left out.
  package mutating func add(_ stat: String) {
    // The second field is the command in parentheses and may hold anything, parentheses included.
    guard let close = stat.lastIndex(of: ")"), let pid = stat.split(separator: " ", maxSplits: 1).first.flatMap({ Int32($0) })
    else { return }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    // From field 3 (state) on: 4 parent, 14 to 17 times, 24 resident pages.
    guard fields.count > 21, let parent = Int32(fields[1]) else { return }
    let ticks = fields[11...14].reduce(0 as UInt64) { $0 &+ (UInt64($1) ?? 0) }
    self.processes[pid] = Process(parent: parent, ticks: ticks, pages: UInt64(fields[21]) ?? 0)
    self.children[parent, default: []].append(pid)
  }

  /// What the descendants of a process use; the process itself, which watches over them, doesn't count.
  package func usage(below pid: Int32) -> Usage {
    var usage = Usage()
    var rest = self.children[pid] ?? []
    // Bounded by the number of processes, however strange their parents are.
    while let next = rest.popLast(), usage.processes < self.processes.count {
      guard let process = self.processes[next] else { continue }
      usage.ticks &+= process.ticks
      usage.pages &+= process.pages
      usage.processes += 1
      rest += self.children[next] ?? []
    }
    return usage
  }
}
