// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What constraints, platforms, plugins and spread preferences read of a node; none of it depends on the node's tasks.
struct NodeFacts: Sendable, Hashable {
  let id: NodeID
  let role: NodeRole
  let hostname: String
  let address: String
  /// ``address`` when it is one.
  let ip: IPAddress?
  let platform: Platform?
  /// The platform's architecture by its one name, in lower case; empty when unknown.
  let architecture: String
  let labels: [String: String]
  let engineLabels: [String: String]
  /// What the node's engine can do; `nil` for nodes that don't tell.
  let plugins: [PluginDescription]?

  init(_ node: Node) {
    self.id = node.id
    self.role = node.role
    self.hostname = node.description?.hostname ?? ""
    self.address = node.status.addr
    self.ip = IPAddress(node.status.addr)
    self.platform = node.description?.platform
    self.architecture = Platform.normalized(architecture: (node.description?.platform?.architecture ?? "").lowercased())
    self.labels = node.spec.annotations.labels
    self.engineLabels = node.description?.engine?.labels ?? [:]
    self.plugins = node.description?.engine?.plugins
  }

  /// Whether the node can run what was built for one of the platforms; no platform means any.
  func runs(_ platforms: [Platform]) -> Bool {
    guard !platforms.isEmpty else { return true }
    guard let own = self.platform else { return false }
    return platforms.contains { $0.accepts(own) }
  }

  /// The value of `node.labels.…` or `engine.labels.…`; a missing label is the empty value, a branch of its own.
  func value(of descriptor: SpreadDescriptor) -> String {
    switch descriptor {
    case .node(let label): self.labels[label] ?? ""
    case .engine(let label): self.engineLabels[label] ?? ""
    }
  }
}

/// The label that a preference spreads tasks over.
enum SpreadDescriptor: Sendable, Hashable {
  case node(String)
  case engine(String)

  /// Reads a descriptor; `nil` for one that names no label, which then changes nothing.
  init?(_ text: String) {
    let key = text.lowercased()
    if key.hasPrefix("node.labels."), key != "node.labels." {
      self = .node(String(text.dropFirst(12)))
    } else if key.hasPrefix("engine.labels."), key != "engine.labels." {
      self = .engine(String(text.dropFirst(14)))
    } else {
      return nil
    }
  }
}
