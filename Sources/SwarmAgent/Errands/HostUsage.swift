// SPDX-License-Identifier: Apache-2.0

#if canImport(Glibc)
  internal import Glibc
#elseif canImport(Musl)
  internal import Musl
#else
  internal import Darwin
#endif

/// What is used of this machine.
///
/// Pure, but for ``now()``: it is made of the texts that the kernel shows.
struct HostUsage: Hashable, Sendable {
  /// How many processors there are.
  var processors: Int64 = 0
  /// Processor time since the machine's start, of everything that ran on it.
  var cpuTime = Duration.zero
  /// Memory in use, in bytes.
  var memoryBytes: Int64 = 0
  /// Memory in bytes.
  var memoryTotal: Int64 = 0

  /// Reads `/proc/stat` and `/proc/meminfo`; what can't be read is zero.
  ///
  /// - Parameter ticks: clock ticks in a second.
  init(stat: String, meminfo: String, ticks: Int64) {
    for line in stat.split(separator: "\n") where line.hasPrefix("cpu") {
      let fields = line.split(separator: " ")
      guard fields.first == "cpu" else {
        self.processors += 1
        continue
      }
      // user, nice, system, idle, iowait, irq, softirq, steal; guests are in user already.
      let times = fields.dropFirst().prefix(8).map { Int64($0) ?? 0 }
      let busy = times.enumerated().reduce(0 as Int64) { [3, 4].contains($1.offset) ? $0 : $0 &+ $1.element }
      self.cpuTime = .nanoseconds(busy.multipliedReportingOverflow(by: 1_000_000_000 / max(ticks, 1)).partialValue)
    }
    var values: [Substring: Int64] = [:]
    for line in meminfo.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count >= 2, let kibibytes = Int64(words[1]) else { continue }
      values[words[0]] = kibibytes.multipliedReportingOverflow(by: 1024).partialValue
    }
    self.memoryTotal = values["MemTotal:"] ?? 0
    self.memoryBytes = max(self.memoryTotal - (values["MemAvailable:"] ?? self.memoryTotal), 0)
  }

  /// What is used now; blocks for as long as the kernel takes to say it.
  static func now() -> HostUsage {
    HostUsage(
      stat: Self.read("/proc/stat"),
      meminfo: Self.read("/proc/meminfo"),
      ticks: Int64(sysconf(Int32(_SC_CLK_TCK)))
    )
  }

  private static func read(_ path: String) -> String {
    guard let file = unsafe fopen(path, "re") else { return "" }
    defer { _ = unsafe fclose(file) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16 * 1024)
    while true {
      let count = unsafe fread(&piece, 1, piece.count, file)
      guard count > 0 else { break }
      bytes += piece[..<count]
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
