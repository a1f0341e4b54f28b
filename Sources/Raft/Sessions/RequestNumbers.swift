// SPDX-License-Identifier: Apache-2.0

/// Numbers the requests of one client, and knows which answers it has: what a client keeps beside its session's identity.
public struct RequestNumbers: Hashable, Sendable {
  /// The client's session.
  public let client: LogIndex
  /// Every request up to this one is answered.
  public private(set) var answered: UInt64 = 0
  private var last: UInt64 = 0
  /// Answered requests behind ``answered``, in order.
  private var scattered: [UInt64] = []

  /// Starts to count for a session that was just opened.
  public init(client: LogIndex) { self.client = client }

  /// Names the next request.
  ///
  /// Send it again under the same name until it is answered.
  public mutating func next() -> ClientRequest<LogIndex> {
    self.last += 1
    return ClientRequest(client: self.client, sequence: self.last, answered: self.answered)
  }

  /// The client has the answer to a request, and won't send it again; others may still wait for theirs.
  public mutating func answered(_ request: ClientRequest<LogIndex>) {
    let sequence = request.sequence
    guard request.client == self.client, sequence > self.answered, sequence <= self.last else { return }
    let position = self.scattered.firstIndex { $0 >= sequence } ?? self.scattered.endIndex
    guard position == self.scattered.endIndex || self.scattered[position] != sequence else { return }
    self.scattered.insert(sequence, at: position)
    let count = self.scattered.enumerated().prefix { offset, number in number == self.answered + UInt64(offset) + 1 }.count
    self.answered += UInt64(count)
    self.scattered.removeFirst(count)
  }
}
