// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// What users asked for, and haven't got an answer to.
struct SimulatedUsers {
  /// A request on its way.
  struct Request {
    let request: ControlRequest
    let stamp: ClientStamp
  }

  private(set) var open: [[UInt8]: Request] = [:]
  /// Requests whose leader was lost: nobody knows what became of them.
  private(set) var unknown: [Request] = []
  private var sequence: UInt64 = 0
  /// The number of the next service.
  var serviceCount = 0

  /// The stamp of the next request.
  mutating func nextStamp() -> ClientStamp {
    self.sequence += 1
    return ClientStamp(client: ClientID(high: self.sequence % 3, low: 1), sequence: self.sequence / 3 + 1)
  }

  mutating func asked(_ request: Request, as bytes: [UInt8]) { self.open[bytes] = request }

  mutating func committed(_ bytes: [UInt8]) { self.open[bytes] = nil }

  /// Whose answer got lost with a leader asks again.
  mutating func leaderChanged(losing entries: [[UInt8]]) {
    for bytes in entries {
      guard let request = self.open.removeValue(forKey: bytes) else { continue }
      self.unknown.append(request)
    }
  }

  mutating func takeUnknown() -> [Request] {
    defer { self.unknown = [] }
    return self.unknown
  }

  /// An answer got lost although the request was carried out.
  mutating func forgotAnswer(to request: Request) { self.unknown.append(request) }
}
