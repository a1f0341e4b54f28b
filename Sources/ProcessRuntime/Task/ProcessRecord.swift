// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// Who runs a task: written by the shim before the task runs, in the file `pid`.
package struct ProcessRecord: Hashable, Sendable {
  /// A process, told from later ones with the same id.
  package struct Identity: Hashable, Sendable {
    /// The process id.
    package var pid: Int32
    /// When it started, in clock ticks since boot.
    package var startTime: UInt64
  }

  /// The boot of the machine that the ids belong to.
  package var boot: String
  /// The shim, which leads the session.
  package var shim: Identity
  /// The task's main process, which leads the process group.
  package var task: Identity
  /// When the task was started.
  package var startedAt: Timestamp

  /// Reads a record; `nil` unless it is complete.
  package init?(_ bytes: [UInt8]) {
    guard
      let lines = RecordLines(bytes, format: "swarm-pid 1"),
      let boot = lines["boot"], !boot.isEmpty,
      let shim = Self.identity(lines["shim"]),
      let task = Self.identity(lines["task"]),
      let started = lines.number("started", as: Int64.self)
    else { return nil }
    self.boot = boot
    self.shim = shim
    self.task = task
    self.startedAt = Timestamp(nanoseconds: started)
  }

  private static func identity(_ text: String?) -> Identity? {
    let parts = (text ?? "").split(separator: " ")
    guard parts.count == 2, let pid = Int32(parts[0]), pid > 1, let start = UInt64(parts[1]) else { return nil }
    return Identity(pid: pid, startTime: start)
  }
}

/// The lines of a record file: a line that names the format, then `key value` per line.
struct RecordLines {
  private var values: [String: String] = [:]

  /// Reads lines; `nil` when the format is another one.
  init?(_ bytes: [UInt8], format: String) {
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)[...]
    guard lines.popFirst().map(String.init) == format else { return nil }
    for line in lines {
      let parts = line.split(separator: " ", maxSplits: 1)
      guard parts.count == 2 else { continue }
      self.values[String(parts[0])] = String(parts[1])
    }
  }

  /// The value of a key.
  subscript(key: String) -> String? { self.values[key] }

  /// The value of a key as a number.
  func number<Number: FixedWidthInteger>(_ key: String, as: Number.Type) -> Number? {
    self.values[key].flatMap { Number($0) }
  }
}
