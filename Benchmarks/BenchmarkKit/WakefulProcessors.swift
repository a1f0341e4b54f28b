// SPDX-License-Identifier: Apache-2.0

internal import Glibc

/// Keeps the machine's processors from sleeping while it lives.
///
/// Waking a virtual processor takes longer than a whole replicated write in memory. So whatever leaves a processor less to do, like a follower that
/// hangs, makes everybody slower who has to wake it, and that is what gets measured.
package final class WakefulProcessors: Sendable {
  private static let path = "/dev/cpu_dma_latency"
  private let descriptor: Int32

  /// Asks the kernel (its power management's quality of service) to answer without any latency.
  ///
  /// - Throws: ``LimitsError`` where that isn't allowed: it takes root.
  package init() throws(LimitsError) {
    self.descriptor = unsafe open(Self.path, O_WRONLY | O_CLOEXEC)
    let latency = [UInt8](repeating: 0, count: 4)
    guard self.descriptor >= 0, unsafe write(self.descriptor, latency, latency.count) == latency.count else {
      throw LimitsError("\(Self.path) can't be written: processors can only be kept awake by root")
    }
  }

  deinit {
    close(self.descriptor)
  }
}
