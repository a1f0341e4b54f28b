// SPDX-License-Identifier: Apache-2.0

internal import CProcessShim
internal import SwarmAgent

/// The file through which a node tells its tasks that it is alive.
///
/// It holds the moment (of the clock that counts from boot and goes on while the machine sleeps) until which tasks may run. Every shim
/// looks at it when the moment it last saw has come, and kills its task unless the node has moved it on.
struct LeaseFile: Sendable {
  /// The file's path, for the shims.
  let path: String
  private let file: Descriptor

  /// Opens the lease of a node's directory, and makes it when it isn't there.
  init(in directory: PrivateDirectory) throws(RuntimeError) {
    self.file = try directory.openOrCreate("lease")
    self.path = "\(directory.path)/lease"
  }

  /// Lets tasks run for another while.
  func renew(for duration: Duration) throws(RuntimeError) {
    try self.file.write(Self.content(deadline: swarm_boottime() + duration.nanoseconds), at: 0)
  }

  /// The content for a deadline: always the same length, with the number twice, so that a reader notices when it comes in the middle of a write.
  static func content(deadline: Int64) -> [UInt8] {
    let digits = String(max(deadline, 0))
    let number = String(repeating: "0", count: 20 - digits.utf8.count) + digits
    return Array("swarm-lease 1 \(number) \(number)\n".utf8)
  }
}

extension Duration {
  /// Whole nanoseconds, at most about 146 years.
  var nanoseconds: Int64 {
    let (seconds, attoseconds) = self.components
    return min(max(seconds, 0), Int64.max / 2_000_000_000) * 1_000_000_000 + attoseconds / 1_000_000_000
  }
}
