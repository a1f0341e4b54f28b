// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import SwarmModel

extension Timestamp {
  /// The moment in the form that certificates' fields have here.
  init(_ date: Date) {
    let seconds = date.timeIntervalSince1970
    // Dates of certificates are whole seconds, and may lie outside the range of this type.
    let limit = Double(Int64.max / 1_000_000_000 - 1)
    self.init(nanoseconds: Int64(min(max(seconds, -limit), limit).rounded()) * 1_000_000_000)
  }

  /// The moment, cut to whole seconds.
  var date: Date { Date(timeIntervalSince1970: Double(self.nanoseconds / 1_000_000_000)) }
}
