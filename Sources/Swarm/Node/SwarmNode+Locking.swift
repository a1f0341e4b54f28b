// SPDX-License-Identifier: Apache-2.0

internal import SwarmIdentity
internal import SwarmModel
internal import Synchronization

/// Managers whose keys are sealed: after a restart somebody must bring the unlock key.
extension SwarmNode {
  /// Opens a locked manager's keys and goes on in its swarm.
  ///
  /// Returns when the node can be used again, and after three seconds at the latest: as long as most managers are locked, none can.
  ///
  /// - Parameter key: the unlock key, `SWMKEY-1-…`, as ``ClusterAccess/unlockKey()`` of a manager gives it.
  /// - Throws: ``SwarmError``; `notInSwarm` outside a swarm, `failedPrecondition` when this node isn't locked, `invalidArgument` for a text that isn't a
  ///   key, `permissionDenied` for the wrong key.
  public func unlock(_ key: String) async throws {
    try self.open()
    let (isLocked, isMember) = self.state.withLock { ($0.isLocked, $0.membership != nil) }
    guard isLocked else {
      guard isMember else { throw SwarmError.notInSwarm }
      throw SwarmError(code: .failedPrecondition, message: "swarm is not locked")
    }
    let key = try UnlockKey(key)
    // One at a time: whoever comes second finds the node unlocked.
    let isFirst = self.state.withLock { state in
      defer { state.isLocked = false }
      return state.isLocked
    }
    guard isFirst else { return }
    do {
      try await self.resume(unlockedWith: key)
    } catch {
      self.state.withLock { $0.isLocked = true }
      throw error
    }
    await self.waitUntilUsable(patience: .seconds(3))
  }

  /// Waits until the node has found its swarm again, but not for ever: the other managers may be locked as well.
  private func waitUntilUsable(patience: Duration) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { try? await self.ready() }
      group.addTask { try? await Task.sleep(for: patience) }
      await group.next()
      group.cancelAll()
    }
  }

  /// Forgets the swarm whose keys can't be opened.
  func leaveLocked(force: Bool) throws(SwarmError) {
    guard force else {
      throw SwarmError(
        code: .unavailable,
        message: "Swarm is encrypted and locked. Please unlock it first or use `--force` to ignore this message."
      )
    }
    try self.state.withLock { state throws(SwarmError) in
      state.isLocked = false
      state.resumed = nil
      try state.directory?.wipe()
    }
  }
}

extension SwarmError {
  /// Docker's answer of a manager whose keys are sealed.
  static let locked = SwarmError(
    code: .unavailable,
    message: "Swarm is encrypted and needs to be unlocked before it can be used. Please use \"docker swarm unlock\" to unlock it."
  )
}
