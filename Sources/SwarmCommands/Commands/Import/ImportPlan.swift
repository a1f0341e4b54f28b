// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What an import does, worked out from what both swarms have.
struct ImportPlan: Sendable {
  /// What can be imported, in the order in which it is made.
  enum Kind: String, Sendable, CaseIterable {
    case network, config, secret, node, service

    static let importable: [Kind] = [.network, .config, .node, .service]
    var plural: String { "\(self.rawValue)s" }
  }

  /// One object of the other swarm, and what becomes of it here.
  struct Entry: Sendable {
    var kind: Kind
    var name: String
    var verdict: Verdict
    /// What the user should know of it.
    var notes: [String] = []
  }

  enum Verdict: Sendable, Hashable {
    case create(Creation)
    /// It is here, and as there.
    case same
    /// It is here, and these parts of it aren't as there.
    case different([String])
    /// It isn't made, for this reason.
    case leftOut(String)
  }

  /// What is sent to make an object.
  enum Creation: Sendable, Hashable {
    case network(Engine.Network)
    case config(Engine.SecretSpec)
    /// Labels that a node doesn't have yet.
    case labels([String: String], nodeID: String)
    /// A service that names networks, secrets and configs by their names alone.
    case service(Engine.ServiceSpec)
  }

  private(set) var entries: [Entry] = []

  /// - Parameter withJobs: Whether jobs are made as well; they run again.
  init(from source: SwarmContents, into target: SwarmContents, kinds: Set<Kind>, withJobs: Bool) {
    if kinds.contains(.network) { self.entries += source.networks.map { Self.entry(for: $0, in: target) } }
    if kinds.contains(.config) { self.entries += source.configs.map { Self.entry(for: $0, in: target) } }
    if kinds.contains(.node) { self.entries += Self.nodeEntries(source, target) }
    guard kinds.contains(.service) else { return }
    let services = ServiceImport(source: source, target: target, created: self.createdNames, withJobs: withJobs)
    self.entries += services.secretEntries + source.services.map(services.entry)
  }

  /// The names of what will be made, by kind.
  private var createdNames: [Kind: Set<String>] {
    self.entries.reduce(into: [:]) { names, entry in
      if case .create = entry.verdict { names[entry.kind, default: []].insert(entry.name) }
    }
  }

  private static func entry(for network: Engine.Network, in target: SwarmContents) -> Entry {
    let wanted = network.importable
    let name = network.name ?? ""
    // A swarm has one network for its routing mesh, whatever it is called.
    let isMesh = network.ingress ?? false
    guard let existing = target.networks.first(where: { isMesh ? $0.ingress ?? false : $0.name == name }) else {
      return Entry(kind: .network, name: name, verdict: .create(.network(wanted)))
    }
    var current = existing.importable
    if isMesh { current.name = wanted.name }
    return Entry(kind: .network, name: name, verdict: Self.compare(wanted, current))
  }

  private static func entry(for config: Engine.Secret, in target: SwarmContents) -> Entry {
    let wanted = config.spec ?? Engine.SecretSpec()
    let name = wanted.name ?? ""
    guard let existing = target.configs.first(where: { $0.spec?.name == name })?.spec else {
      return Entry(kind: .config, name: name, verdict: .create(.config(wanted)))
    }
    return Entry(kind: .config, name: name, verdict: Self.compare(wanted, existing))
  }

  private static func compare(_ wanted: some Encodable, _ current: some Encodable) -> Verdict {
    let values = [try? JSONValue(encoding: wanted), try? JSONValue(encoding: current)].map { $0?.withoutEmpty() ?? .null }
    let differences = values[0].differences(from: values[1])
    return differences.isEmpty ? .same : .different(differences)
  }

  /// Nodes are the same when they have the same hostname; those without labels have nothing to import.
  private static func nodeEntries(_ source: SwarmContents, _ target: SwarmContents) -> [Entry] {
    source.nodes.filter { $0.spec?.labels?.isEmpty == false }.map { node in
      let name = node.description?.hostname ?? ""
      let wanted = node.spec?.labels ?? [:]
      let namesakes = target.nodes.filter { $0.description?.hostname == name && !name.isEmpty }
      let labels = wanted.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }.joined(separator: " ")
      guard namesakes.count == 1, let id = namesakes[0].id else {
        let reason = namesakes.isEmpty ? "no node here has this hostname" : "several nodes here have this hostname"
        return Entry(kind: .node, name: name, verdict: .leftOut("\(reason) (\(labels))"))
      }
      let current = namesakes[0].spec?.labels ?? [:]
      let missing = wanted.filter { current[$0.key] == nil }
      let others = wanted.filter { current[$0.key] ?? $0.value != $0.value }.keys.sorted()
      guard missing.isEmpty else {
        let notes = others.map { "label \($0) has another value here, and is left alone" }
        return Entry(kind: .node, name: name, verdict: .create(.labels(missing, nodeID: id)), notes: notes)
      }
      return Entry(kind: .node, name: name, verdict: others.isEmpty ? .same : .different(others))
    }
  }
}

extension Engine.Network {
  /// What makes a network like this one: without what a swarm chooses by itself.
  fileprivate var importable: Self {
    var network = self
    network.id = nil
    network.created = nil
    network.scope = nil
    network.containers = nil
    network.options = self.options?.filter { $0.key != "com.docker.network.driver.overlay.vxlanid_list" }
    return network
  }
}
