// SPDX-License-Identifier: Apache-2.0

/// How many pieces may be sent to a side that says how many it takes.
///
/// What is sent beyond would wait in the stream's own flow control, and the end of the stream behind it: who reads nothing wouldn't hear of the end either.
struct Allowance: Sendable {
  /// However much is granted, no more than this is sent before the next grant.
  private static let most = 1024

  private let pieces: AsyncStream<Void>
  private let grants: AsyncStream<Void>.Continuation

  init() {
    (self.pieces, self.grants) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.most))
  }

  /// The other side takes some pieces more.
  func grant(_ count: UInt32) {
    for _ in 0..<min(Int(count), Self.most) { self.grants.yield() }
  }

  /// Waits until one piece may be sent; for one sender.
  func take() async throws {
    for await _ in self.pieces { return }
    throw CancellationError()
  }
}
