// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The sessions of all nodes, and what is to be sent on them.
struct SessionTable: Sendable {
  private(set) var byNode: [NodeID: NodeSession] = [:]
  private var nodes: [SessionID: NodeID] = [:]
  /// The last session of nodes that were lost.
  private var expired: [NodeID: SessionID] = [:]
  private var registrations: [NodeID: [Duration]] = [:]
  /// Nodes whose session waits for its first message.
  private(set) var waiting: Set<NodeID> = []
  /// Nodes whose assignment stream has something to send.
  private var dirty: Set<NodeID> = []
  private var managers: [NodeID: WeightedPeer] = [:]
  private var output: [SessionOutput] = []
  private var rootCA: [UInt8] = []

  init() {}

  /// Whether an agent is to hear of its tasks.
  var hasAssignments: Bool { !self.dirty.isEmpty }

  /// The managers that agents may connect to, in order.
  var peers: [WeightedPeer] { self.managers.keys.sorted().compactMap { self.managers[$0] } }

  func node(of session: SessionID) -> NodeID? { self.nodes[session] }

  /// The node's session, when it is this one.
  ///
  /// - Throws: `notFound` when the node has no session, `invalidArgument` when it has another one.
  func session(_ id: SessionID, of node: NodeID) throws(SwarmError) -> NodeSession {
    guard let session = self.byNode[node] else {
      throw SwarmError(code: .notFound, message: "node not registered")
    }
    guard session.id == id else {
      throw SwarmError(code: .invalidArgument, message: "session invalid")
    }
    return session
  }

  /// Finds out whether a node's report in a session is taken.
  ///
  /// - Returns: Whether the session is over, and was the node's last.
  /// - Throws: `notFound` when the node has no session, `invalidArgument` when it has another one.
  func checkReport(in id: SessionID, of node: NodeID) throws(SwarmError) -> Bool {
    if self.byNode[node] == nil, self.expired[node] == id { return true }
    _ = try self.session(id, of: node)
    return false
  }

  // MARK: - Sessions

  /// Counts a registration; `false` when the node registers too often.
  mutating func admits(_ node: NodeID, _ configuration: ControlConfiguration, now: Duration) -> Bool {
    var times = self.registrations[node] ?? []
    times.removeAll { $0 + configuration.registrationWindow <= now }
    guard times.count < configuration.registrationLimit else { return false }
    times.append(now)
    self.registrations[node] = times
    return true
  }

  mutating func open(_ session: NodeSession) {
    self.byNode[session.node] = session
    self.nodes[session.id] = session.node
    self.expired[session.node] = nil
    self.waiting.insert(session.node)
  }

  /// Ends the node's session, if it has one.
  mutating func close(_ node: NodeID, _ error: SwarmError) {
    guard let session = self.byNode.removeValue(forKey: node) else { return }
    self.nodes[session.id] = nil
    self.waiting.remove(node)
    self.dirty.remove(node)
    for registration in session.registrations { self.output.append(.refused(registration, error)) }
    self.output.append(.close(session.id, error))
  }

  /// Ends the session of a node that wasn't heard of.
  mutating func expire(_ node: NodeID) {
    self.expired[node] = self.byNode[node]?.id
    self.close(node, SwarmError(code: .notFound, message: "node not registered"))
  }

  mutating func with(_ node: NodeID, _ body: (inout NodeSession) -> Void) {
    guard let index = self.byNode.index(forKey: node) else { return }
    body(&self.byNode.values[index])
  }

  mutating func forgetRegistrations(of node: NodeID) {
    self.registrations[node] = nil
    self.expired[node] = nil
  }

  /// Answers the registrations that wait for the node's session.
  mutating func accept(_ node: Node) {
    guard let session = self.byNode[node.id] else { return }
    let message = self.message(session.id, node)
    for registration in session.registrations { self.output.append(.accepted(registration, message)) }
    self.byNode[node.id]?.registrations = []
    self.byNode[node.id]?.isAccepted = true
    self.waiting.remove(node.id)
  }

  mutating func waits(_ node: NodeID, _ registration: RegistrationID) {
    self.byNode[node]?.registrations.append(registration)
    self.waiting.insert(node)
  }

  mutating func refuse(_ registration: RegistrationID, _ error: SwarmError) {
    self.output.append(.refused(registration, error))
  }

  // MARK: - Messages

  /// Tells the node's agent that its node object changed.
  mutating func tell(_ node: Node) {
    guard let session = self.byNode[node.id], session.isAccepted else { return }
    self.output.append(.session(session.id, self.message(session.id, node)))
  }

  private func message(_ session: SessionID, _ node: Node) -> SessionMessage {
    SessionMessage(sessionID: session, node: node, managers: self.peers, rootCA: self.rootCA)
  }

  /// Takes over the root certificates that nodes trust.
  ///
  /// - Returns: Whether they are others than before.
  @discardableResult
  mutating func clusterChanged(_ cluster: Cluster?) -> Bool {
    let rootCA = cluster?.rootCA.caCert ?? []
    guard self.rootCA != rootCA else { return false }
    self.rootCA = rootCA
    return true
  }

  /// Takes over what the store says of a manager.
  ///
  /// - Returns: Whether the list of managers changed.
  @discardableResult
  mutating func managerChanged(_ node: Node) -> Bool {
    let peer = node.managerStatus.flatMap { status in
      status.addr.isEmpty ? nil : WeightedPeer(nodeID: node.id, address: status.addr)
    }
    guard self.managers[node.id] != peer else { return false }
    self.managers[node.id] = peer
    return true
  }

  mutating func managerRemoved(_ node: NodeID) -> Bool {
    self.managers.removeValue(forKey: node) != nil
  }

  mutating func openAssignments(of node: NodeID, in overlay: Overlay) {
    guard let session = self.byNode[node] else { return }
    var stream = AssignmentStream(hearsOfNetworks: session.isOurs)
    for task in overlay.committedTasks(on: node) { stream.update(task, in: overlay) }
    self.byNode[node]?.assignments = stream
    self.dirty.insert(node)
  }

  /// A committed change of a task.
  mutating func taskChanged(from old: Stored<SwarmTask>?, to new: Stored<SwarmTask>?, in overlay: Overlay) {
    guard let node = new?.value.nodeID ?? old?.value.nodeID else { return }
    let isPending = self.byNode[node]?.assignments?.change(from: old, to: new, in: overlay)
    if isPending == true { self.dirty.insert(node) }
  }

  /// Takes everything that is to be sent, or all but assignments.
  mutating func takeOutput(withAssignments: Bool) -> [SessionOutput] {
    defer { self.output = [] }
    guard withAssignments else { return self.output }
    for node in self.dirty.sorted() {
      // In place: a copy of the session would make each message cost what all of the node's tasks cost.
      guard let index = self.byNode.index(forKey: node), self.byNode.values[index].assignments?.hasPending == true else {
        continue
      }
      if let message = self.byNode.values[index].assignments?.takeMessage() {
        self.output.append(.assignments(self.byNode.values[index].id, message))
      }
    }
    self.dirty = []
    return self.output
  }
}
