// SPDX-License-Identifier: Apache-2.0

/// A sorted sample of durations.
package struct Percentiles: Sendable {
  private let sorted: [Duration]

  package init(_ sample: [Duration]) {
    self.sorted = sample.sorted()
  }

  /// The value below which this part (0 to 1) of the sample lies; zero for an empty sample.
  package subscript(_ part: Double) -> Duration {
    guard !self.sorted.isEmpty else { return .zero }
    return self.sorted[min(self.sorted.count - 1, Int(Double(self.sorted.count) * part))]
  }
}
