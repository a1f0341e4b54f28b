// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import Raft
internal import RaftNIO
internal import SwarmControl
internal import SwarmModel
internal import Synchronization

/// Going on alone when the majority of the managers is lost for good (docker's `--force-new-cluster`).
extension SwarmNode {
  /// Makes this manager the only one: services, secrets and nodes stay, and the node's tasks go on.
  ///
  /// - Parameter request: may say another address to be reached at; where the node listens is settled at its start.
  /// - Throws: `notManager` on a worker; `failedPrecondition` when the other managers aren't lost, and then nothing has changed.
  func startOver(_ membership: Membership, _ request: InitializeRequest) async throws -> NodeID {
    guard let office = membership.place.office, let directory = self.state.withLock(\.directory) else {
      throw SwarmError.notManager
    }
    let before = membership.identity
    var advertised = before.advertiseAddress
    if let requested = request.advertiseAddress, !requested.isEmpty {
      advertised =
        try self.configuration
        .advertiseAddress(requested: requested, listen: NetworkAddress(before.listenAddress)).description
    }
    await office.manager.shutdown()
    let port = office.port
    do {
      try membership.place.change { identity in
        identity.isStartingOver = true
        identity.advertiseAddress = advertised
      }
      try await self.giveUpOthers(membership.identity, membership.certificates, in: directory)
    } catch {
      try membership.place.change { $0 = before }
      try self.takeOffice(membership, directory, port)
      throw error
    }
    try self.takeOffice(membership, directory, port)
    try await membership.ready()
    try await self.finishStartingOver(membership)
    return membership.identity.nodeID
  }

  /// Writes a group of this member alone into its log; done already when it is alone.
  func giveUpOthers(_ identity: NodeIdentity, _ certificates: NodeCertificates, in directory: StateDirectory) async throws {
    let log = try Manager.log(of: identity, certificates, in: directory, self.configuration)
    do {
      let summary = try await RaftNode<StoreMachine>.inspect(log)
      guard summary.membership.members.map(\.id) != [log.member] else { return }
      let report = try await RaftNode<StoreMachine>.recover(log, logger: self.logger)
      self.logger.notice("the swarm starts over with this manager alone", metadata: ["lost": "\(report.lost.count)"])
    } catch let error as RaftError where error.code == .quorumReachable {
      throw SwarmError(
        code: .failedPrecondition,
        message: "the swarm can't be started over, because its other managers are there: \(error.message)",
        cause: error
      )
    }
  }

  /// The lost managers are managers no more: they can be removed, and one that comes back after all becomes a worker.
  func finishStartingOver(_ membership: Membership) async throws {
    guard let manager = membership.manager else { throw SwarmError.notManager }
    while true {
      let store = try await manager.read()
      let lost = store.nodes().first { $0.id != membership.identity.nodeID && $0.spec.desiredRole == .manager }
      guard let lost else { break }
      var spec = lost.spec
      spec.desiredRole = .worker
      do {
        _ = try await manager.submit(
          .updateNode(reference: lost.id.description, version: lost.meta.version.index, spec: spec)
        )
      } catch let error as SwarmError where error.code == .outOfSequence || error.code == .notFound {
        continue
      }
    }
    try membership.place.change { $0.isStartingOver = false }
  }

  private func takeOffice(_ membership: Membership, _ directory: StateDirectory, _ port: ManagerPort) throws(SwarmError) {
    let manager = try self.manager(membership.identity, membership.certificates, in: directory, port: port)
    guard membership.place.take(NodePlace.Office(manager: manager, port: port)) else { throw .nodeHasEnded }
    membership.serve(manager)
  }
}
