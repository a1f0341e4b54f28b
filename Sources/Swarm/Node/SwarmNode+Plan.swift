// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
public import SwarmModel

extension SwarmNode {
  /// A change whose effect is to be known before it is made.
  ///
  /// References are a full id, a name, or the beginning of an id.
  public enum PlannedChange: Sendable, Hashable {
    /// A new service.
    case createService(ServiceSpec)
    /// Another specification of a service.
    case updateService(String, ServiceSpec)
    /// A service going back to its previous specification.
    case rollbackService(String)
    /// A service going away.
    case removeService(String)
    /// Another specification of a node, for instance one that drains it.
    case updateNode(String, NodeSpec)
    /// A node going away.
    case removeNode(String, force: Bool)
  }

  /// Works out what changes would do: where tasks would go, in which order, and what would be disrupted.
  ///
  /// Nothing is changed.
  ///
  /// The answer comes from the code that would carry the changes out, on a copy of the present state and in virtual time, with nodes that stay as they
  /// are and tasks that take a second to start and to stop. On a manager that doesn't lead, another one of nodes that are equally good may be named.
  ///
  /// - Throws: ``SwarmError``, also with what the change itself would be refused with.
  public func plan(_ changes: [PlannedChange]) async throws -> ChangePlan {
    let manager = try self.manager()
    let store = try await manager.read()
    let requests = try changes.map { try $0.request(in: store) }
    let (control, now, time) = try await manager.fork(of: store)
    return try Rehearsal.plan(requests, with: control, now: now, time: time)
  }
}

extension SwarmNode.PlannedChange {
  fileprivate func request(in store: Store) throws -> ControlRequest {
    switch self {
    case .createService(let spec):
      return .createService(spec)
    case .updateService(let reference, let spec):
      let version = try store.resolveService(reference).meta.version.index
      return .updateService(reference: reference, version: version, spec: spec, rollback: false)
    case .rollbackService(let reference):
      let service = try store.resolveService(reference)
      return .updateService(reference: reference, version: service.meta.version.index, spec: service.spec, rollback: true)
    case .removeService(let reference):
      return .removeService(reference: reference)
    case .updateNode(let reference, let spec):
      return .updateNode(reference: reference, version: try store.resolveNode(reference).meta.version.index, spec: spec)
    case .removeNode(let reference, let force):
      return .removeNode(reference: reference, force: force)
    }
  }
}

extension Manager {
  /// The leader's brain as it is now; on a manager that doesn't lead, one that would begin to lead now.
  fileprivate func fork(of store: Store) async throws -> (control: Control, now: Duration, time: Timestamp) {
    do {
      return try await self.control.ask { brain, now, time in (brain, now, time) }
    } catch {
      guard let error = error as? SwarmError, error == .notLeading else { throw error }
      let (now, time) = (self.clock.now, self.clock.time)
      return (Control(term: 0, store: store, seed: 1, now: now, time: time), now, time)
    }
  }
}
