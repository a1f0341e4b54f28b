// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// How a task ended, by the word of its runtime.
package struct TaskExit: Sendable, Hashable {
  /// The exit code; 128 + n after signal n.
  package var code: Int32
  /// When it ended.
  package var time: Timestamp
  /// Whether it ended because it used too much memory.
  package var outOfMemory: Bool

  package init(code: Int32, time: Timestamp, outOfMemory: Bool = false) {
    self.code = code
    self.time = time
    self.outOfMemory = outOfMemory
  }
}
