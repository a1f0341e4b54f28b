// SPDX-License-Identifier: Apache-2.0

internal import DequeModule

/// The messages of entries that are on their way to one member.
struct Inflights: Sendable {
  private struct Sent {
    var last: LogIndex
    var bytes: Int
  }

  private var sent: Deque<Sent> = []
  private(set) var bytes = 0

  var count: Int { self.sent.count }

  /// Whether nothing more may be sent.
  ///
  /// A message is always let in when there is none, however large it is.
  func isFull(_ limits: RaftConfiguration.Replication) -> Bool {
    self.sent.count >= limits.inFlightMessages || self.bytes >= limits.inFlightBytes
  }

  mutating func add(last: LogIndex, bytes: Int) {
    self.sent.append(Sent(last: last, bytes: bytes))
    self.bytes += bytes
  }

  /// Everything up to `index` arrived.
  mutating func free(through index: LogIndex) {
    while let first = self.sent.first, first.last <= index {
      self.bytes -= first.bytes
      self.sent.removeFirst()
    }
  }

  mutating func reset() {
    self.sent.removeAll(keepingCapacity: true)
    self.bytes = 0
  }
}
