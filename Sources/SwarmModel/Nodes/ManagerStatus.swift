// SPDX-License-Identifier: Apache-2.0

/// The consensus side of a node that is a manager.
public struct ManagerStatus: Sendable, Hashable {
  /// The member's id in the consensus group; never reused.
  public var raftID: UInt64
  /// Where the member listens, as `host:port`.
  public var addr: String
  /// Whether the member leads.
  public var leader: Bool
  /// Whether the member answers the leader.
  public var reachability: Reachability
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    raftID: UInt64 = 0,
    addr: String = "",
    leader: Bool = false,
    reachability: Reachability = .unknown,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.raftID = raftID
    self.addr = addr
    self.leader = leader
    self.reachability = reachability
    self.unknownFields = unknownFields
  }
}
