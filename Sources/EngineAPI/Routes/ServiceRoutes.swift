// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

/// The services of the swarm.
struct ServiceRoutes: Sendable {
  let backend: any SwarmBackend

  var routes: [Route] {
    [
      Route(.get, "services", handler: self.list),
      Route(.post, "services/create", handler: self.create),
      Route(.get, "services/*", handler: self.inspect),
      Route(.post, "services/*/update", handler: self.update),
      Route(.delete, "services/*", handler: self.remove),
    ]
  }

  private func list(_ call: EngineCall) async throws -> EngineReply {
    let filter = try ServiceFilter(call.query)
    let services = try await self.backend.services().filter(filter.matches)
    guard call.query.flag("status") else { return try .json(services.map { $0.apiValue() }) }
    let counts = try await self.backend.serviceStatuses()
    return try .json(services.map { $0.apiValue(counts: counts[$0.id] ?? ServiceStatus()) })
  }

  private func create(_ call: EngineCall) async throws -> EngineReply {
    var spec = try ServiceSpec(call.decode(Engine.ServiceSpec.self))
    if !call.registryAuth.isEmpty { spec.task.container?.pullOptions = .init(registryAuth: call.registryAuth) }
    let created = try await self.backend.createService(spec)
    var answer = Engine.ServiceCreated()
    answer.id = created.id.description
    answer.warning = created.warnings.joined(separator: "\n").nonEmpty
    return try .json(answer, status: 201)
  }

  private func inspect(_ call: EngineCall) async throws -> EngineReply {
    let service = try await self.backend.service(call.reference)
    return try .json(service.apiValue(insertingDefaults: call.query.flag("insertDefaults")))
  }

  private func update(_ call: EngineCall) async throws -> EngineReply {
    let version = try call.query.version(of: "service")
    let warnings: [String]
    switch call.query["rollback"] ?? "" {
    case "":
      let service = try await self.backend.service(call.reference)
      let said = try call.decode(Engine.ServiceSpec.self)
      var spec = try ServiceSpec(said).keepingUnspoken(of: service.spec, in: said)
      spec.task.container?.pullOptions = try Self.pullOptions(call, for: service)
      warnings = try await self.backend.updateService(service.id, version: version, spec: spec, rollback: false)
    case "previous":
      // The body is the current specification, sent by clients that don't know better; what counts is the previous one.
      let service = try await self.backend.service(call.reference)
      guard let previous = service.previousSpec else { throw Self.noPreviousSpec(service) }
      warnings = try await self.backend.updateService(service.id, version: version, spec: previous, rollback: true)
    case let other:
      throw APIFailure.badRequest("unrecognized rollback option \(other)")
    }
    return try .json(["Warnings": warnings.nonEmpty])
  }

  /// The credentials that an update brings, or those that it wants to keep.
  private static func pullOptions(_ call: EngineCall, for service: Service) throws -> ContainerSpec.PullOptions? {
    guard call.registryAuth.isEmpty else { return ContainerSpec.PullOptions(registryAuth: call.registryAuth) }
    switch call.query["registryAuthFrom"] ?? "" {
    case "", "spec": return service.spec.task.container?.pullOptions
    case "previous-spec":
      guard let previous = service.previousSpec else { throw Self.noPreviousSpec(service) }
      return previous.task.container?.pullOptions
    case let other: throw APIFailure.badRequest("unsupported registryAuthFrom value: \(other)")
    }
  }

  private static func noPreviousSpec(_ service: Service) -> SwarmError {
    SwarmError(code: .failedPrecondition, message: "service \(service.id) does not have a previous spec")
  }

  private func remove(_ call: EngineCall) async throws -> EngineReply {
    try await self.backend.removeService(call.reference)
    return .empty
  }
}
