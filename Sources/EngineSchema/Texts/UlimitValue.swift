// SPDX-License-Identifier: Apache-2.0

/// What `--ulimit` takes: `nofile=1024`, or `nofile=1024:2048` for a soft and a hard limit; -1 is none.
package struct UlimitValue: Hashable, Sendable {
  package var ulimit: Engine.Ulimit

  /// The limits that Linux has.
  private static let names: Set<String> = [
    "as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss", "rtprio", "rttime",
    "sigpending", "stack",
  ]

  package init?(_ text: String) {
    let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
    guard parts.count == 2, Self.names.contains(parts[0]) else { return nil }
    let ends = parts[1].split(separator: ":", omittingEmptySubsequences: false).map { Int64($0) }
    guard (1...2).contains(ends.count), let soft = ends[0], let hard = ends.last ?? nil,
      hard == -1 || (soft != -1 && soft <= hard)
    else { return nil }
    var ulimit = Engine.Ulimit()
    ulimit.name = parts[0]
    ulimit.soft = soft
    ulimit.hard = hard
    self.ulimit = ulimit
  }
}
