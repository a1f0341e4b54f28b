// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import Swarm
import SwarmModel

extension ScriptedSwarm {
  func cluster() async throws -> Cluster { try self.read { $0.cluster ?? Cluster() } }

  func unlockKey() async throws -> String {
    try self.read { $0.cluster?.spec.encryptionConfig.autoLockManagers == true ? Self.unlockKey : "" }
  }

  func unlock(_ key: String) async throws {
    try self.change { state in
      guard state.local.state == .locked else {
        throw SwarmError(code: .failedPrecondition, message: "swarm is not locked")
      }
      guard key == Self.unlockKey else {
        throw SwarmError(code: .permissionDenied, message: "swarm could not be unlocked: invalid key provided")
      }
      state.local.state = .active
    }
  }

  static let unlockKey = "SWMKEY-1-" + String(repeating: "A", count: 43)

  func updateCluster(version: UInt64, spec: ClusterSpec, rotating secrets: Set<RotatableSecret>) async throws {
    try spec.validate()
    try self.write { state in
      guard let cluster = state.cluster, cluster.meta.version.index == version else { throw Self.outOfSequence }
      state.cluster?.spec = spec
      if secrets.contains(.joinToken(.worker)) { state.cluster?.rootCA.joinTokens.worker = "SWMTKN-1-new-worker" }
      if secrets.contains(.joinToken(.manager)) { state.cluster?.rootCA.joinTokens.manager = "SWMTKN-1-new-manager" }
      let meta = state.nextMeta(createdAt: cluster.meta.createdAt)
      state.cluster?.meta = meta
    }
  }

  func nodes() async throws -> [Node] { try self.read { $0.nodes.values.sorted { $0.id < $1.id } } }

  func node(_ reference: String) async throws -> Node {
    try Self.resolve(reference, in: await self.nodes(), noun: "node", id: \.id.description) { $0.description?.hostname }
  }

  func updateNode(_ id: NodeID, version: UInt64, spec: NodeSpec) async throws {
    try self.write { state in
      guard let node = state.nodes[id], node.meta.version.index == version else { throw Self.outOfSequence }
      state.nodes[id]?.spec = spec
      let meta = state.nextMeta(createdAt: node.meta.createdAt)
      state.nodes[id]?.meta = meta
    }
  }

  func removeNode(_ reference: String, force: Bool) async throws {
    let node = try await self.node(reference)
    try self.write { state in
      guard force || node.status.state == .down else {
        throw SwarmError(code: .failedPrecondition, message: "node \(node.id) is not down and can't be removed")
      }
      state.nodes[node.id] = nil
    }
  }

  func services() async throws -> [SwarmModel.Service] { try self.read { $0.services.values.sorted { $0.id < $1.id } } }

  func serviceStatuses() async throws -> [ServiceID: ServiceStatus] {
    try self.read { state in
      var statuses: [ServiceID: ServiceStatus] = [:]
      for task in state.tasks.values where task.desiredState <= .running {
        guard let id = task.serviceID else { continue }
        statuses[id, default: ServiceStatus()].desired += 1
        if task.status.state == .running { statuses[id, default: ServiceStatus()].running += 1 }
      }
      return statuses
    }
  }

  func service(_ reference: String) async throws -> SwarmModel.Service {
    try Self.resolve(reference, in: await self.services(), noun: "service", id: \.id.description) { $0.spec.annotations.name }
  }

  func createService(_ spec: ServiceSpec) async throws -> CreatedService {
    try self.write { state in
      let name = spec.annotations.name
      guard !state.services.values.contains(where: { $0.spec.annotations.name == name }) else {
        throw SwarmError(code: .alreadyExists, message: "name conflicts with an existing object: service \(name) already exists")
      }
      guard let image = spec.task.container?.image, !image.isEmpty else {
        throw SwarmError(code: .invalidArgument, message: "ContainerSpec: image reference must be provided")
      }
      let meta = state.nextMeta()
      let service = SwarmModel.Service(id: state.ids.make(), meta: meta, spec: spec, specVersion: meta.version)
      state.services[service.id] = service
      state.reconcile(service)
      return CreatedService(id: service.id)
    }
  }

  func updateService(_ id: ServiceID, version: UInt64, spec: ServiceSpec, rollback: Bool) async throws -> [String] {
    try self.write { state in
      guard var service = state.services[id] else { throw SwarmError(code: .notFound, message: "service \(id) not found") }
      guard service.meta.version.index == version else { throw Self.outOfSequence }
      guard service.spec.annotations.name == spec.annotations.name else {
        throw SwarmError(code: .unimplemented, message: "renaming services is not supported")
      }
      service.previousSpec = rollback ? nil : service.spec
      service.spec = spec
      service.meta = state.nextMeta(createdAt: service.meta.createdAt)
      service.specVersion = service.meta.version
      service.updateStatus = UpdateStatus(
        state: rollback ? .rollbackCompleted : .completed,
        startedAt: service.meta.updatedAt,
        completedAt: service.meta.updatedAt,
        message: rollback ? "rollback completed" : "update completed"
      )
      state.services[id] = service
      state.reconcile(service)
      return []
    }
  }

  func removeService(_ reference: String) async throws {
    let service = try await self.service(reference)
    try self.write { state in
      state.services[service.id] = nil
      state.tasks = state.tasks.filter { $0.value.serviceID != service.id }
    }
  }

  func tasks() async throws -> [SwarmTask] { try self.read { $0.tasks.values.sorted { $0.id < $1.id } } }

  func task(_ reference: String) async throws -> SwarmTask {
    try Self.resolve(reference, in: await self.tasks(), noun: "task", id: \.id.description) { _ in nil }
  }

  private static let outOfSequence = SwarmError(code: .outOfSequence, message: "update out of sequence")

  private static func resolve<Object>(
    _ reference: String,
    in objects: [Object],
    noun: String,
    id: (Object) -> String,
    name: (Object) -> String?
  ) throws -> Object {
    if let found = objects.first(where: { id($0) == reference }) ?? objects.first(where: { name($0) == reference }) {
      return found
    }
    let matches = objects.filter { id($0).hasPrefix(reference) }
    guard let found = matches.first else { throw SwarmError(code: .notFound, message: "\(noun) \(reference) not found") }
    guard matches.count == 1 else {
      throw SwarmError(code: .invalidArgument, message: "\(noun) \(reference) is ambiguous (\(matches.count) matches found)")
    }
    return found
  }
}
