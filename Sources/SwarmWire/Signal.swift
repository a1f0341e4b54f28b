// SPDX-License-Identifier: Apache-2.0

internal import Synchronization

/// Something that happens once, and that one task may wait for.
final class Signal: Sendable {
  private let stream: AsyncStream<Void>
  private let continuation: AsyncStream<Void>.Continuation
  private let happened = Atomic(false)

  init() {
    (self.stream, self.continuation) = AsyncStream.makeStream()
  }

  /// Whether it happened.
  var isSet: Bool { self.happened.load(ordering: .acquiring) }

  /// Lets it happen; again has no effect.
  func set() {
    self.happened.store(true, ordering: .releasing)
    self.continuation.finish()
  }

  /// Waits until it happened or the task is cancelled.
  func wait() async {
    for await _ in self.stream {}
  }
}
