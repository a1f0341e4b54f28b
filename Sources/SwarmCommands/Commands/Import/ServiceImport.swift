// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Works out what becomes of services in an import.
struct ServiceImport: Sendable {
  private let source: SwarmContents
  private let target: SwarmContents
  private let withJobs: Bool
  /// The names of what services here can use, by kind.
  private let available: [ImportPlan.Kind: Set<String>]

  /// - Parameter created: The names of what is made before the services.
  init(source: SwarmContents, target: SwarmContents, created: [ImportPlan.Kind: Set<String>], withJobs: Bool) {
    self.source = source
    self.target = target
    self.withJobs = withJobs
    self.available = [
      .network: Set(target.networks.compactMap(\.name)).union(created[.network] ?? []).union(source.predefined.values),
      .config: Set(target.configs.compactMap(\.spec?.name)).union(created[.config] ?? []),
      .secret: target.secretNames,
    ]
  }

  /// The secrets of the other swarm: those that aren't here can't be read there.
  var secretEntries: [ImportPlan.Entry] {
    self.source.secretNames.sorted().map { name in
      let isHere = self.target.secretNames.contains(name)
      return ImportPlan.Entry(
        kind: .secret,
        name: name,
        verdict: isHere ? .same : .leftOut("its content can't be read: create it with 'swarmctl secret create \(name) FILE'")
      )
    }
  }

  func entry(for service: JSONValue) -> ImportPlan.Entry {
    var entry = ImportPlan.Entry(kind: .service, name: service["Spec"]?["Name"]?.string ?? "", verdict: .same)
    let spec: Engine.ServiceSpec
    do {
      spec = try Self.named(service, networks: self.source.networkNames)
    } catch {
      entry.verdict = .leftOut(error.message)
      return entry
    }
    let wanted = Self.comparable(spec)
    if let existing = self.target.services.first(where: { $0["Spec"]?["Name"]?.string == entry.name }) {
      let current = (try? Self.named(existing, networks: self.target.networkNames)).map(Self.comparable) ?? .null
      let differences = wanted.differences(from: current)
      entry.verdict = differences.isEmpty ? .same : .different(differences)
      return entry
    }
    let missing = self.missing(for: spec)
    if !missing.isEmpty {
      entry.verdict = .leftOut("it needs \(missing.joined(separator: ", "))")
    } else if !self.withJobs, spec.mode?.replicatedJob != nil || spec.mode?.globalJob != nil {
      entry.verdict = .leftOut("it is a job, and would run again: --jobs creates it")
    } else {
      entry.verdict = .create(.service(spec))
      entry.notes = self.placementNotes(spec) + Self.unknownNotes(service["Spec"] ?? .null, wanted)
    }
    return entry
  }

  /// What the service needs and what isn't here.
  private func missing(for spec: Engine.ServiceSpec) -> [String] {
    let container = spec.taskTemplate?.containerSpec
    let needs: [(ImportPlan.Kind, [String?])] = [
      (.secret, (container?.secrets ?? []).map(\.secretName)),
      (.config, (container?.configs ?? []).map(\.configName)),
      (.network, ((spec.taskTemplate?.networks ?? []) + (spec.networks ?? [])).map(\.target)),
    ]
    return needs.flatMap { kind, names in
      Set(names.compactMap(\.self)).subtracting(self.available[kind] ?? []).sorted().map { "\(kind.rawValue) \($0)" }
    }
  }

  /// The specification with names in place of the ids of networks, secrets and configs, which are others here.
  private static func named(_ service: JSONValue, networks: [String: String]) throws(SchemaError) -> Engine.ServiceSpec {
    var spec = try EngineJSON.decode(Engine.ServiceSpec.self, from: Array((service["Spec"] ?? .null).text.utf8))
    let all = spec.networks?.map { $0.named(networks) }
    spec.networks = all
    let attached = spec.taskTemplate?.networks?.map { $0.named(networks) }
    spec.taskTemplate?.networks = attached
    for index in spec.taskTemplate?.containerSpec?.secrets?.indices ?? 0..<0 {
      spec.taskTemplate?.containerSpec?.secrets?[index].secretID = nil
    }
    for index in spec.taskTemplate?.containerSpec?.configs?.indices ?? 0..<0 {
      spec.taskTemplate?.containerSpec?.configs?[index].configID = nil
    }
    return spec
  }

  /// A specification in a form in which what says the same looks the same.
  private static func comparable(_ spec: Engine.ServiceSpec) -> JSONValue {
    // An empty mode says which one it is, and no replicas aren't one.
    ((try? JSONValue(encoding: spec)) ?? .null).withoutEmpty(keeping: ["Mode"])
  }

  /// What a later API says of the service and ours can't.
  private static func unknownNotes(_ read: JSONValue, _ understood: JSONValue) -> [String] {
    read.withoutEmpty(keeping: ["Mode"]).differences(from: understood).filter { path in
      // Lists are compared as a whole, and these had ids.
      !path.hasSuffix("Networks") && !path.hasSuffix("Secrets") && !path.hasSuffix("Configs")
    }.map { "\($0) isn't known here, and is left out" }
  }

  /// Constraints that name machines of the other swarm.
  private func placementNotes(_ spec: Engine.ServiceSpec) -> [String] {
    let hostnames = Set(self.target.nodes.compactMap { $0.description?.hostname })
    return (spec.taskTemplate?.placement?.constraints ?? []).compactMap { constraint in
      let parts = constraint.split(separator: "=", maxSplits: 1).map { $0.filter { !" =!".contains($0) } }
      guard parts.count == 2 else { return nil }
      let isNegated = constraint.contains("!=")
      switch parts[0].lowercased() {
      case "node.id":
        let node = self.source.nodes.first { $0.id == parts[1] }?.description?.hostname
        let hint = node.map { ", where it is \($0)" } ?? ""
        return "constraint \(constraint) is about a node of the other swarm\(hint)"
      case "node.ip": return "constraint \(constraint) is about an address of the other swarm"
      case "node.hostname" where !isNegated && !hostnames.contains(parts[1]):
        return "constraint \(constraint) holds for no node here"
      default: return nil
      }
    }
  }
}

extension Engine.NetworkAttachment {
  /// The attachment with the network's name in place of its id.
  fileprivate func named(_ names: [String: String]) -> Self {
    var attachment = self
    attachment.target = self.target.map { names[$0] ?? $0 }
    return attachment
  }
}

extension JSONValue {
  /// The networks that a service's specification names.
  var networkTargets: [String] {
    [self["Networks"], self["TaskTemplate"]?["Networks"]].flatMap { list -> [String] in
      guard case .array(let attachments)? = list else { return [] }
      return attachments.compactMap { $0["Target"]?.string }
    }
  }

  /// The text of a string.
  fileprivate var string: String? {
    guard case .string(let text) = self else { return nil }
    return text
  }
}
