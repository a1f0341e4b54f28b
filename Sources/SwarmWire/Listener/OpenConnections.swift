// SPDX-License-Identifier: Apache-2.0

internal import NIOCore
internal import Synchronization

/// The accepted connections that are the listener's to close: all but those that were handed to Raft.
final class OpenConnections: Sendable {
  private struct State {
    var channels: [ObjectIdentifier: any Channel] = [:]
    var isClosed = false
  }

  private let state = Mutex(State())

  /// Remembers a connection until it is closed.
  func insert(_ channel: any Channel) {
    let isClosed = self.state.withLock { state in
      if !state.isClosed { state.channels[ObjectIdentifier(channel)] = channel }
      return state.isClosed
    }
    guard !isClosed else { return channel.close(promise: nil) }
    channel.closeFuture.whenComplete { _ in self.remove(channel) }
  }

  /// Forgets a connection.
  func remove(_ channel: any Channel) {
    self.state.withLock { _ = $0.channels.removeValue(forKey: ObjectIdentifier(channel)) }
  }

  /// Closes all connections, and those that come later at once; returns when they are closed.
  func closeAll() async {
    let channels = self.state.withLock { state in
      state.isClosed = true
      return Array(state.channels.values)
    }
    for channel in channels { channel.close(promise: nil) }
    for channel in channels { try? await channel.closeFuture.get() }
  }
}
