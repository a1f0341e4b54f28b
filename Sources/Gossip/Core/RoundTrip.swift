// SPDX-License-Identifier: Apache-2.0

/// How long answers take and how many get lost, as seen by this node's own probes.
struct RoundTrip: Sendable {
  /// Smoothed round trip and its deviation, in seconds (RFC 6298).
  private var smoothed: Double?
  private var deviation = 0.0
  /// The part of direct probes without an answer in time.
  private var unanswered = 0.0

  mutating func note(_ time: Duration) {
    let sample = time / .seconds(1)
    guard let smoothed else {
      self.smoothed = sample
      self.deviation = sample / 2
      return
    }
    self.deviation += ((smoothed - sample).magnitude - self.deviation) / 4
    self.smoothed = smoothed + (sample - smoothed) / 8
  }

  mutating func note(lost: Bool) { self.unanswered += ((lost ? 1 : 0) - self.unanswered) / 16 }

  /// How long to wait for a direct answer.
  func timeout(in range: ClosedRange<Duration>) -> Duration {
    guard let smoothed else { return range.upperBound }
    return min(range.upperBound, max(range.lowerBound, .seconds(smoothed + 4 * self.deviation)))
  }

  /// The part of packets that get lost on one way: a ping and its answer both have to arrive.
  var loss: Double { min(0.6, 1 - (1 - min(1, self.unanswered)).squareRoot()) }
}
