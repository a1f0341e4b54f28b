// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// The time by which certificates are judged.
package enum WallClock {
  /// Reads the system's clock, to the microsecond.
  package static func read() -> Timestamp {
    Timestamp(nanoseconds: Int64(Date().timeIntervalSince1970 * 1_000_000) * 1_000)
  }
}
