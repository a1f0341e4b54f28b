// SPDX-License-Identifier: Apache-2.0

/// Names one request of one client, so that a retry applies once.
package struct ClientStamp: Sendable, Hashable {
  /// The client: 128 bits of chance.
  package var client: ClientID
  /// Counts the client's requests, from 1.
  package var sequence: UInt64

  /// Creates a stamp.
  package init(client: ClientID, sequence: UInt64) {
    self.client = client
    self.sequence = sequence
  }
}

/// A client of the cluster, for instance one manager process that forwards requests.
package struct ClientID: Sendable, Hashable, Comparable {
  /// The upper 64 bits.
  package var high: UInt64
  /// The lower 64 bits.
  package var low: UInt64

  /// Creates an id.
  package init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Orders ids as numbers.
  package static func < (left: Self, right: Self) -> Bool {
    (left.high, left.low) < (right.high, right.low)
  }
}
