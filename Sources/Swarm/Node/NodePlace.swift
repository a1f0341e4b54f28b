// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel
internal import Synchronization

/// A node's place in its swarm at this moment: who it is, on disk as well, and its manager while it has one.
final class NodePlace: Sendable {
  /// What makes a node a manager.
  struct Office: Sendable {
    let manager: Manager
    let port: ManagerPort
  }

  private struct State {
    var identity: NodeIdentity
    var office: Office?
    var isOver = false
  }

  private let directory: StateDirectory
  private let state: Mutex<State>

  init(_ identity: NodeIdentity, office: Office?, in directory: StateDirectory) {
    self.directory = directory
    self.state = Mutex(State(identity: identity, office: office))
  }

  /// Who the node is.
  var identity: NodeIdentity { self.state.withLock(\.identity) }
  /// The manager in this node.
  var manager: Manager? { self.state.withLock { $0.office?.manager } }
  /// The manager in this node, with its port.
  var office: Office? { self.state.withLock(\.office) }

  /// Changes what the node is, on disk first.
  ///
  /// - Throws: `failedPrecondition` when it can't be stored; then nothing changes.
  func change(_ body: (inout NodeIdentity) -> Void) throws(SwarmError) {
    try self.state.withLock { state throws(SwarmError) in
      var next = state.identity
      body(&next)
      guard next != state.identity else { return }
      try self.directory.write(next)
      state.identity = next
    }
  }

  /// The node has this manager from now on.
  ///
  /// - Returns: false when the node is about to end and takes nothing up any more.
  func take(_ office: Office) -> Bool {
    self.state.withLock { state in
      guard !state.isOver else { return false }
      state.office = office
      return true
    }
  }

  /// The node has no manager any more.
  func resign() { self.state.withLock { $0.office = nil } }

  /// Nothing is taken up any more; returns what is still there.
  func end() -> Office? {
    self.state.withLock { state in
      state.isOver = true
      return state.office
    }
  }
}
