// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What a node's agent says when it opens a session with the leader.
package struct SessionRequest: Sendable, Hashable {
  /// The node that speaks.
  package var nodeID: NodeID
  /// What the node is: host name, platform, resources, engine.
  package var description: NodeDescription
  /// The session to go on with, when the agent had one with this leader; otherwise `nil`.
  package var sessionID: SessionID?
  /// The address the leader saw the connection come from, without a port; empty when unknown.
  package var remoteAddress: String
  /// Whether the agent reads who leads from a refusal, as ours do; SwarmKit's only believe a session's messages.
  package var followsHints: Bool

  package init(
    nodeID: NodeID,
    description: NodeDescription,
    sessionID: SessionID? = nil,
    remoteAddress: String = "",
    followsHints: Bool = true
  ) {
    self.nodeID = nodeID
    self.description = description
    self.sessionID = sessionID
    self.remoteAddress = remoteAddress
    self.followsHints = followsHints
  }
}

/// A manager that an agent may connect to.
package struct WeightedPeer: Sendable, Hashable {
  /// The manager's node.
  package var nodeID: NodeID
  /// Its advertised `host:port`; agents skip a peer whose address is empty.
  package var address: String
  /// How strongly agents should prefer it.
  package var weight: Int64

  package init(nodeID: NodeID, address: String, weight: Int64 = 1) {
    self.nodeID = nodeID
    self.address = address
    self.weight = weight
  }
}

/// What the leader says on a session's stream: first when the session is open, then whenever the node object or the managers changed.
package struct SessionMessage: Sendable, Hashable {
  /// The session that every other call of this node has to name.
  package var sessionID: SessionID
  /// The node as the leader's store holds it.
  package var node: Node?
  /// All managers; replaces what the agent knew.
  package var managers: [WeightedPeer]
  /// The root certificates that nodes of the cluster trust now, PEM; empty says nothing.
  package var rootCA: [UInt8]

  package init(sessionID: SessionID, node: Node? = nil, managers: [WeightedPeer] = [], rootCA: [UInt8] = []) {
    self.sessionID = sessionID
    self.node = node
    self.managers = managers
    self.rootCA = rootCA
  }
}

/// One message of a node's assignment stream.
///
/// The first of a stream is ``Kind/complete`` with an empty ``appliesTo``, even when it carries nothing; each later one is
/// ``Kind/incremental`` and applies to the previous one's ``resultsIn``. Inside one stream the chain never breaks.
package struct AssignmentsMessage: Sendable, Hashable {
  /// Whether the changes are the whole set or a difference.
  package enum Kind: UInt8, Sendable, Hashable {
    /// What isn't listed is gone.
    case complete = 0
    /// Changes to the set that ``AssignmentsMessage/appliesTo`` names.
    case incremental = 1
  }

  /// Whether the changes are the whole set or a difference.
  package var kind: Kind
  /// The ``resultsIn`` of the message before; empty for the first.
  package var appliesTo: String
  /// The name of the set after this message.
  package var resultsIn: String
  /// The changes; their order means nothing.
  package var changes: [AssignmentChange]

  package init(kind: Kind, appliesTo: String, resultsIn: String, changes: [AssignmentChange]) {
    self.kind = kind
    self.appliesTo = appliesTo
    self.resultsIn = resultsIn
    self.changes = changes
  }
}

/// One change of a node's assignment set.
package struct AssignmentChange: Sendable, Hashable {
  /// What to do with the object.
  package enum Action: UInt8, Sendable, Hashable {
    /// Add it, or replace what is known of it.
    case update = 0
    /// Forget it; only the object's id counts.
    case remove = 1
  }

  /// What is assigned.
  package enum Object: Sendable, Hashable {
    case task(SwarmTask)
    case secret(Secret)
    case config(Config)
  }

  /// What to do with the object.
  package var action: Action
  /// What is assigned.
  package var object: Object

  package init(action: Action, object: Object) {
    self.action = action
    self.object = object
  }
}

/// What an agent observed of one of its tasks.
package struct TaskStatusUpdate: Sendable, Hashable {
  /// The task.
  package var task: TaskID
  /// Its status as the agent saw it.
  package var status: TaskStatus

  package init(task: TaskID, status: TaskStatus) {
    self.task = task
    self.status = status
  }
}
