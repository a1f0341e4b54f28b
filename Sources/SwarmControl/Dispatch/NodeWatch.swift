// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What the leader found out about nodes, against which the store is compared.
struct NodeWatch: Sendable {
  /// What the store should say of a node; parts that are `nil` are not the dispatcher's business.
  struct Wanted: Sendable {
    var status: NodeStatus?
    var description: NodeDescription?
    var manager: ManagerStatus?
    /// Whether the node is known to have no consensus side.
    var isNoManager = false
  }

  private var wanted: [NodeID: Wanted] = [:]
  private var changedNodes: Set<NodeID> = []
  /// Nodes of which more is reserved than they have.
  private var overfull: Set<NodeID> = []

  /// Nodes that weren't down when the term began and haven't opened a session since.
  private(set) var unheard: Set<NodeID> = []
  /// Whether it was said of these nodes that they are unknown.
  private var isUnheardTold = false
  /// How many nodes have come back since the term began.
  private(set) var returned = 0
  private(set) var termBegan = Duration.zero
  private(set) var lastReturn = Duration.zero
  /// Nodes that gossip holds for gone.
  private(set) var gone: Set<NodeID> = []
  /// Managers whose consensus side doesn't answer.
  private(set) var unreachable: Set<NodeID> = []

  init() {}

  // MARK: - Nodes of an earlier term

  mutating func beginTerm(with nodes: [Node], now: Duration) {
    self.termBegan = now
    self.lastReturn = now
    // Also those that the last leader didn't know either, and those that were let in and never came: nobody else would ever give them up.
    self.unheard = Set(nodes.filter { $0.status.state != .down }.map(\.id))
  }

  /// A node opened a session.
  mutating func heard(_ node: NodeID, now: Duration) {
    guard self.unheard.remove(node) != nil else { return }
    self.returned += 1
    self.lastReturn = now
  }

  /// Whether the node is only known from an earlier term, and its consensus side is dead: no good place for a task.
  func isSuspected(_ node: NodeID) -> Bool {
    self.unheard.contains(node) && self.unreachable.contains(node)
  }

  /// Takes the nodes that are to be called unknown: once, since none is added to them.
  mutating func takeUnheardToTell() -> [NodeID] {
    guard !self.isUnheardTold else { return [] }
    self.isUnheardTold = true
    return self.unheard.sorted()
  }

  mutating func giveUpUnheard() -> [NodeID] {
    defer { self.unheard = [] }
    return self.unheard.sorted()
  }

  /// Notes what gossip says of a node.
  ///
  /// - Returns: Whether it said something else before.
  mutating func note(_ verdict: GossipVerdict, about node: NodeID) -> Bool {
    switch verdict {
    case .present: self.gone.remove(node) != nil
    case .gone: self.gone.insert(node).inserted
    }
  }

  // MARK: - What the store should say

  mutating func want(_ node: NodeID, _ change: (inout Wanted) -> Void) {
    change(&self.wanted[node, default: Wanted()])
    self.changedNodes.insert(node)
  }

  mutating func setUnreachable(_ nodes: Set<NodeID>) { self.unreachable = nodes }

  /// The store's node changed, maybe to something that isn't wanted.
  mutating func changed(_ node: NodeID) {
    if self.wanted[node] != nil { self.changedNodes.insert(node) }
  }

  mutating func forget(_ node: NodeID) {
    self.wanted[node] = nil
    self.changedNodes.remove(node)
    self.unheard.remove(node)
    self.gone.remove(node)
  }

  /// What is to be stored so that the store says what is wanted.
  mutating func takeChanges(in store: Store) -> [NodeStatusChange] {
    defer { self.changedNodes = [] }
    return self.changedNodes.sorted().compactMap { id in
      guard let node = store.node(id), let wanted = self.wanted[id] else { return nil }
      return wanted.difference(to: node)
    }
  }

  // MARK: - Nodes that became smaller

  mutating func isOverfull(_ node: NodeID) { self.overfull.insert(node) }

  /// Takes the nodes of which more is reserved than they have.
  mutating func takeOverfull() -> [NodeID] {
    guard !self.overfull.isEmpty else { return [] }
    defer { self.overfull = [] }
    return self.overfull.sorted()
  }
}

extension NodeWatch.Wanted {
  fileprivate func difference(to node: Node) -> NodeStatusChange? {
    var change = NodeStatusChange(id: node.id)
    if let status = self.status, status != node.status { change.status = status }
    if let description = self.description, description != node.description { change.description = description }
    if let manager = self.manager, manager != node.managerStatus { change.managerStatus = manager }
    if self.isNoManager, node.managerStatus != nil { change.clearsManagerStatus = true }
    let isNothing =
      change.status == nil && change.description == nil && change.managerStatus == nil && !change.clearsManagerStatus
    return isNothing ? nil : change
  }
}
