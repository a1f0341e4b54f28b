// SPDX-License-Identifier: Apache-2.0

/// What came of fuzzing.
package struct FuzzReport: Sendable {
  /// An answer that no request may get.
  package struct Finding: Sendable, CustomStringConvertible {
    package var request: FuzzRequest
    package var status: Int
    package var complaint: String

    package var description: String {
      let body = String(decoding: self.request.body.prefix(2000), as: UTF8.self)
      return "\(self.complaint): \(self.request.method) \(self.request.target) \(body) → \(self.status)"
    }
  }

  /// How many requests were answered.
  package fileprivate(set) var requests = 0
  /// How often each status came, by route.
  package fileprivate(set) var statuses: [String: [Int: Int]] = [:]
  /// The first findings.
  package fileprivate(set) var findings: [Finding] = []
  /// How long the slowest answer took, and what was asked.
  package fileprivate(set) var slowest: (duration: Duration, request: String) = (.zero, "")

  package init() {}

  mutating func add(_ request: FuzzRequest, status: Int, took duration: Duration, complaint: String?) {
    self.requests += 1
    self.statuses[request.route, default: [:]][status, default: 0] += 1
    if duration > self.slowest.duration { self.slowest = (duration, "\(request.method) \(request.target)") }
    if let complaint, self.findings.count < 20 {
      self.findings.append(Finding(request: request, status: status, complaint: complaint))
    }
  }

  /// How often each status came.
  package var totals: [Int: Int] {
    self.statuses.values.reduce(into: [:]) { totals, counts in totals.merge(counts, uniquingKeysWith: +) }
  }
}
