// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Makes what an import plans, and tells as it goes.
struct SwarmImport {
  let session: CommandSession
  let isDryRun: Bool

  private var client: EngineClient { self.session.client }

  /// What came of it.
  struct Report {
    fileprivate(set) var created = 0
    fileprivate(set) var same = 0
    fileprivate(set) var different = 0
    fileprivate(set) var leftOut = 0
    fileprivate(set) var failed = 0
    fileprivate let isDryRun: Bool

    /// Whether nothing is left to do.
    var isComplete: Bool { self.leftOut == 0 && self.failed == 0 }

    var lines: [String] {
      var parts = ["\(self.created) \(self.isDryRun ? "to create" : "created")", "\(self.same) here already"]
      if self.different > 0 { parts.append("\(self.different) here and different") }
      if self.leftOut > 0 { parts.append("\(self.leftOut) left out") }
      if self.failed > 0 { parts.append("\(self.failed) failed") }
      return [parts.joined(separator: ", ")]
    }
  }

  /// Goes through the plan; what fails is said, and the rest goes on.
  func carryOut(_ plan: ImportPlan) async throws -> Report {
    var report = Report(isDryRun: self.isDryRun)
    for entry in plan.entries {
      let what = "\(entry.kind.rawValue) \(entry.name)"
      switch entry.verdict {
      case .create(let creation):
        do {
          if !self.isDryRun { try await self.create(creation) }
          report.created += 1
          self.session.console.print("\(what): \(creation.word(isDryRun: self.isDryRun))")
        } catch let error as DaemonError {
          report.failed += 1
          self.session.console.complain("\(what): \(error.message)")
        }
      case .same:
        report.same += 1
        self.session.console.print("\(what): is here")
      case .different(let parts):
        report.different += 1
        self.session.console.print("\(what): is here, and left alone, but differs in \(parts.joined(separator: ", "))")
      case .leftOut(let reason):
        report.leftOut += 1
        self.session.console.complain("\(what): left out: \(reason)")
      }
      for note in entry.notes { self.session.console.complain("WARNING: \(what): \(note)") }
    }
    return report
  }

  private func create(_ creation: ImportPlan.Creation) async throws {
    switch creation {
    case .network(let network): try await self.client.post("/networks/create", body: network)
    case .config(let config): try await self.client.post("/configs/create", body: config)
    case .labels(let labels, let id):
      let node = try await self.client.node(id)
      var spec = node.spec ?? Engine.NodeSpec()
      spec.labels = labels.merging(spec.labels ?? [:]) { _, current in current }
      try await self.client.updateNode(id, version: node.version?.index ?? 0, spec: spec)
    case .service(let spec):
      let created = try await self.client.createService(self.withIDs(spec))
      if let warning = created.warning, !warning.isEmpty {
        self.session.console.complain("WARNING: service \(spec.name ?? ""): \(warning)")
      }
    }
  }

  /// The specification with the ids that secrets and configs have here.
  private func withIDs(_ spec: Engine.ServiceSpec) async throws -> Engine.ServiceSpec {
    var spec = spec
    if let secrets = spec.taskTemplate?.containerSpec?.secrets, !secrets.isEmpty {
      let ids = try await self.ids("secrets", secrets.compactMap(\.secretName))
      for index in secrets.indices {
        spec.taskTemplate?.containerSpec?.secrets?[index].secretID = ids[secrets[index].secretName ?? ""]
      }
    }
    if let configs = spec.taskTemplate?.containerSpec?.configs, !configs.isEmpty {
      let ids = try await self.ids("configs", configs.compactMap(\.configName))
      for index in configs.indices {
        spec.taskTemplate?.containerSpec?.configs?[index].configID = ids[configs[index].configName ?? ""]
      }
    }
    return spec
  }

  private func ids(_ kind: String, _ names: [String]) async throws -> [String: String] {
    let objects = try await self.client.objects(kind, EngineFilters(["name": names]))
    return Dictionary(objects.map { ($0.name, $0.id) }) { first, _ in first }
  }
}

extension ImportPlan.Creation {
  /// What was done, or would be.
  fileprivate func word(isDryRun: Bool) -> String {
    guard case .labels(let labels, _) = self else { return isDryRun ? "would be created" : "created" }
    let text = labels.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
    return isDryRun ? "would get \(text)" : "has \(text) now"
  }
}
