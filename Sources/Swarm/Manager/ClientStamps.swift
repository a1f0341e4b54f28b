// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import Synchronization

/// Names this node's requests, so that one that is sent twice applies once.
///
/// The store remembers one outcome per client, so a client has one request under way at a time. Requests in parallel borrow
/// different clients; a client is used again when its request has ended.
final class ClientStamps: Sendable {
  private let idle = Mutex<[ClientStamp]>([])

  /// Runs `body` with a stamp that nobody else uses.
  func withStamp<Result: Sendable>(_ body: (ClientStamp) async throws -> Result) async throws -> Result {
    var stamp =
      self.idle.withLock { $0.popLast() }
      ?? ClientStamp(client: ClientID(high: .random(in: 0 ... .max), low: .random(in: 0 ... .max)), sequence: 0)
    stamp.sequence += 1
    // A request that ended in an error may still be on its way: its client isn't used again.
    let result = try await body(stamp)
    self.idle.withLock { [stamp] in $0.append(stamp) }
    return result
  }
}
