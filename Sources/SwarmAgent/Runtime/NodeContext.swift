// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// The node that a runtime works for.
public struct NodeContext: Hashable, Sendable {
  /// The node's id.
  public var nodeID: NodeID
  /// The directory below which every ``TaskContext/directory`` of this node is, as an absolute path; the
  /// agent has made it (0700).
  ///
  /// The same at every start.
  public var directory: String

  /// Creates a context.
  public init(nodeID: NodeID, directory: String) {
    self.nodeID = nodeID
    self.directory = directory
  }

  /// The directory of one task: named by its id.
  public func directory(of task: TaskID) -> String { "\(self.directory)/\(task)" }
}
