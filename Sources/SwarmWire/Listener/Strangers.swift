// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// The connections that haven't shown who they are, whose number is limited.
///
/// A handshake takes milliseconds. So when there are too many, the one that is here longest is the one that means ill, and it makes room: whoever
/// opens thousands of connections and says nothing on them closes its own.
final class Strangers: Sendable {
  private struct State {
    var channels: [UInt64: any Channel] = [:]
    var first: UInt64 = 0
    var next: UInt64 = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) {
    self.limit = limit
  }

  /// How many there are.
  var count: Int { self.state.withLock { $0.channels.count } }

  /// Adds a connection, until it is closed or known; returns the number by which it is called then.
  func insert(_ channel: any Channel) -> UInt64 {
    let (number, evicted) = self.state.withLock { state in
      let number = state.next
      state.next += 1
      state.channels[number] = channel
      var evicted: (any Channel)?
      if state.channels.count > self.limit {
        while evicted == nil, state.first < number {
          evicted = state.channels.removeValue(forKey: state.first)
          state.first += 1
        }
      }
      return (number, evicted)
    }
    evicted?.close(promise: nil)
    channel.closeFuture.whenComplete { _ in self.remove(number) }
    return number
  }

  /// The connection has shown who it is, or is closed.
  func remove(_ number: UInt64) {
    self.state.withLock { _ = $0.channels.removeValue(forKey: number) }
  }
}
