// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Synchronization

/// What goes to a command: what its client sends on a connection that isn't HTTP's any more, and sizes of the client's terminal, which come by requests
/// of their own.
final class ExecInputQueue: Sendable {
  /// How many sizes may wait; more than a user makes while a command doesn't look.
  private static let sizes = 256

  private let (pieces, continuation) = AsyncThrowingStream<ExecInput, any Error>.makeStream()
  private let waitingSizes = Mutex(0)
  private let onTaken: @Sendable (Int) -> Void

  /// - Parameter onTaken: is told how many bytes were taken out.
  init(onTaken: @escaping @Sendable (Int) -> Void = { _ in }) {
    self.onTaken = onTaken
  }

  /// The client sent this.
  func add(_ bytes: [UInt8]) { self.continuation.yield(.bytes(bytes)) }

  /// The client sends no more; sizes may still come.
  func end() { self.continuation.yield(.end) }

  /// The client's terminal has another size.
  func resize(_ size: TerminalSize) {
    let hasRoom = self.waitingSizes.withLock { waiting in
      guard waiting < Self.sizes else { return false }
      waiting += 1
      return true
    }
    if hasRoom { self.continuation.yield(.resize(size)) }
  }

  /// What goes to the command; it has one reader.
  ///
  /// - Parameter takesInput: Whether what the client sends is for the command.
  func inputs(takesInput: Bool) -> some AsyncSequence<ExecInput, any Error> & Sendable {
    self.pieces.compactMap { piece in
      switch piece {
      case .bytes(let bytes): self.onTaken(bytes.count)
      case .resize:
        self.waitingSizes.withLock { $0 -= 1 }
        return piece
      case .end: break
      }
      return takesInput ? piece : nil
    }
  }
}
