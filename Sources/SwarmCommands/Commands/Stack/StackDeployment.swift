// SPDX-License-Identifier: Apache-2.0

internal import Compose
internal import EngineSchema

/// Makes a swarm have what a stack says, in the order in which docker does it.
struct StackDeployment {
  let stack: Stack
  let session: CommandSession
  /// Whether nodes get the credentials for the images' registries.
  var sendsRegistryAuth = false

  private var client: EngineClient { self.session.client }

  /// Refuses a node that is no manager before anything is created.
  func checkManager() async throws {
    guard try await self.client.info().swarm?.controlAvailable ?? false else {
      throw CommandFailure(
        "this node is not a swarm manager",
        hint: "Use \"swarmctl swarm init\" or \"swarmctl swarm join\" to connect this node to swarm and try again."
      )
    }
  }

  /// Removes services of the stack that it no longer has.
  func prune() async throws {
    let wanted = Set(self.stack.services.compactMap(\.name))
    for service in try await self.existingServices() where !wanted.contains(service.spec?.name ?? "") {
      self.session.console.print("Removing service \(service.spec?.name ?? "")")
      try await self.client.removeService(service.id ?? "")
    }
  }

  /// Creates and updates.
  ///
  /// - Returns: the ids of the services.
  func deploy() async throws -> [String] {
    try await self.deployNetworks()
    try await self.deploy(self.stack.secrets, kind: "secret")
    try await self.deploy(self.stack.configs, kind: "config")
    return try await self.deployServices()
  }

  /// What would become of the services.
  ///
  /// Networks, secrets and configs decide about no task's place: services are planned without those that don't exist yet.
  func plannedChanges(prune: Bool) async throws -> [Engine.PlannedChange] {
    let existing = try await self.existingServices()
    let networks = Set(try await self.client.objects("networks", EngineFilters()).map(\.name))
    let wanted = Set(self.stack.services.compactMap(\.name))
    var changes: [Engine.PlannedChange] = []
    if prune {
      changes += existing.compactMap(\.spec?.name).filter { !wanted.contains($0) }.sorted().map { .remove($0) }
    }
    for var spec in self.stack.services {
      spec.taskTemplate?.containerSpec?.secrets = nil
      spec.taskTemplate?.containerSpec?.configs = nil
      spec.taskTemplate?.networks?.removeAll { !networks.contains($0.target ?? "") }
      spec.networks?.removeAll { !networks.contains($0.target ?? "") }
      if let service = existing.first(where: { $0.spec?.name == spec.name }) {
        let current = service.spec?.taskTemplate?.containerSpec
        spec.taskTemplate?.containerSpec?.secrets = current?.secrets
        spec.taskTemplate?.containerSpec?.configs = current?.configs
        changes.append(.update(service.id ?? "", Self.merged(spec, with: service)))
      } else {
        changes.append(.create(spec))
      }
    }
    return changes
  }

  private func existingServices() async throws -> [Engine.Service] {
    try await self.client.services(.stack(self.stack.name))
  }

  private func deployNetworks() async throws {
    for network in self.stack.networks where network.body == nil { try await self.checkExternal(network.name) }
    let created = self.stack.networks.filter { $0.body != nil }
    guard !created.isEmpty else { return }
    let existing = Set(try await self.client.objects("networks", .stack(self.stack.name)).compactMap(\.name))
    for network in created where !existing.contains(network.name) {
      self.session.console.print("Creating network \(network.name)")
      try await self.explained("failed to create network \(network.name)") {
        try await self.client.post("/networks/create", body: network.body)
      }
    }
  }

  private func checkExternal(_ name: String) async throws {
    // These exist on every node, whatever the swarm knows of them.
    guard !["host", "bridge", "none"].contains(name) else { return }
    do {
      let scope = try await self.client.raw("/networks/\(PercentCoding.encode(name))", [("scope", "swarm")])["Scope"]
      guard scope == nil || scope == .string("swarm") else {
        throw CommandFailure(
          "network \"\(name)\" is declared as external, but it is not in the right scope: a swarm-wide one is needed"
        )
      }
    } catch let error as DaemonError where error.status == 404 {
      throw CommandFailure(
        "network \"\(name)\" is declared as external, but could not be found",
        hint: "You need to create a swarm-scoped network before the stack is deployed."
      )
    }
  }

  /// Secrets or configs: those that are there get the labels, the others are created.
  private func deploy(_ files: [StackFile], kind: String) async throws {
    for file in files {
      guard let body = file.body else { continue }
      let existing: EngineClient.NamedObject?
      do {
        existing = try await self.client.object("\(kind)s", file.name)
      } catch let error as DaemonError where error.status == 404 {
        existing = nil
      }
      if let existing {
        try await self.explained("failed to update \(kind) \(file.name)") {
          let version = [("version", String(existing.version))]
          try await self.client.post("/\(kind)s/\(PercentCoding.encode(existing.id))/update", version, body: body)
        }
      } else {
        self.session.console.print("Creating \(kind) \(file.name)")
        try await self.explained("failed to create \(kind) \(file.name)") {
          try await self.client.post("/\(kind)s/create", body: body)
        }
      }
    }
  }

  private func deployServices() async throws -> [String] {
    let secrets = try await self.ids(of: self.stack.secrets, kind: "secret")
    let configs = try await self.ids(of: self.stack.configs, kind: "config")
    let existing = try await self.existingServices()
    var ids: [String] = []
    for var spec in self.stack.services {
      let name = spec.name ?? ""
      for index in spec.taskTemplate?.containerSpec?.secrets?.indices ?? 0..<0 {
        let secret = spec.taskTemplate?.containerSpec?.secrets?[index].secretName ?? ""
        spec.taskTemplate?.containerSpec?.secrets?[index].secretID = secrets[secret]
      }
      for index in spec.taskTemplate?.containerSpec?.configs?.indices ?? 0..<0 {
        let config = spec.taskTemplate?.containerSpec?.configs?[index].configName ?? ""
        spec.taskTemplate?.containerSpec?.configs?[index].configID = configs[config]
      }
      if let config = spec.taskTemplate?.containerSpec?.privileges?.credentialSpec?.config {
        spec.taskTemplate?.containerSpec?.privileges?.credentialSpec?.config = configs[config]
      }
      if let service = existing.first(where: { $0.spec?.name == name }) {
        ids.append(try await self.update(service, to: spec))
      } else {
        self.session.console.print("Creating service \(name)")
        let registryAuth = try self.session.registryAuth(for: spec, wanted: self.sendsRegistryAuth)
        let created = try await self.explained("failed to create service \(name)") {
          try await self.client.createService(spec, registryAuth: registryAuth)
        }
        if let warning = created.warning, !warning.isEmpty { self.session.console.complain("WARNING: \(warning)") }
        ids.append(created.id ?? name)
      }
    }
    return ids
  }

  /// What is wanted, with what stays as it is.
  private static func merged(_ wanted: Engine.ServiceSpec, with service: Engine.Service) -> Engine.ServiceSpec {
    var spec = wanted
    let current = service.spec?.taskTemplate
    // An image that is named as before keeps the digest that it was found with then, and nothing forces an update.
    if let named = service.spec?.labels?[Stack.imageLabel], named == wanted.taskTemplate?.containerSpec?.image {
      spec.taskTemplate?.containerSpec?.image = current?.containerSpec?.image ?? named
      if let platforms = current?.placement?.platforms {
        var placement = spec.taskTemplate?.placement ?? Engine.Placement()
        placement.platforms = placement.platforms ?? platforms
        spec.taskTemplate?.placement = placement
      }
    }
    spec.taskTemplate?.forceUpdate = current?.forceUpdate
    return spec
  }

  private func update(_ service: Engine.Service, to wanted: Engine.ServiceSpec) async throws -> String {
    let id = service.id ?? ""
    let spec = Self.merged(wanted, with: service)
    self.session.console.print("Updating service \(wanted.name ?? "") (id: \(id))")
    let version = service.version?.index ?? 0
    let registryAuth = try self.session.registryAuth(for: spec, wanted: self.sendsRegistryAuth)
    let updated = try await self.explained("failed to update service \(wanted.name ?? "")") {
      try await self.client.updateService(id, version: version, spec: spec, registryAuth: registryAuth)
    }
    for warning in updated.warnings ?? [] { self.session.console.complain("WARNING: \(warning)") }
    return id
  }

  /// The ids that references to secrets or configs need beside the names.
  private func ids(of files: [StackFile], kind: String) async throws -> [String: String] {
    guard !files.isEmpty else { return [:] }
    let filters = EngineFilters(["name": files.map(\.name)])
    var ids: [String: String] = [:]
    for object in try await self.client.objects("\(kind)s", filters) { ids[object.name] = object.id }
    if let missing = files.first(where: { ids[$0.name] == nil }) { throw CommandFailure("\(kind) not found: \(missing.name)") }
    return ids
  }

  /// Says what failed before the server's own words.
  private func explained<Value>(_ what: String, _ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as DaemonError {
      throw CommandFailure("\(what): \(error.commandFailure.message)", hint: error.commandFailure.hint)
    }
  }
}

extension EngineFilters {
  /// What belongs to a stack.
  static func stack(_ name: String) -> Self { Self(["label": ["\(Stack.namespaceLabel)=\(name)"]]) }
}
