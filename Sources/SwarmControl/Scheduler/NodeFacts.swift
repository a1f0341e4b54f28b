// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What constraints, platforms and spread preferences read of a node; none of it depends on the node's tasks.
struct NodeFacts: Sendable, Hashable {
  let id: NodeID
  let role: NodeRole
  let hostname: String
  let address: String
  let platform: Platform?
  let labels: [String: String]
  let engineLabels: [String: String]

  init(_ node: Node) {
    self.id = node.id
    self.role = node.role
    self.hostname = node.description?.hostname ?? ""
    self.address = node.status.addr
    self.platform = node.description?.platform
    self.labels = node.spec.annotations.labels
    self.engineLabels = node.description?.engine?.labels ?? [:]
  }

  /// Whether all constraints hold.
  func satisfies(_ constraints: [PlacementConstraint]) -> Bool {
    constraints.allSatisfy { self.satisfies($0) }
  }

  private func satisfies(_ constraint: PlacementConstraint) -> Bool {
    // Keys are compared without case, label names and nothing else keep it (SwarmKit: constraint.NodeMatches).
    let key = constraint.key.lowercased()
    switch key {
    case "node.id": return constraint.matches(self.id.description)
    case "node.hostname": return constraint.matches(self.hostname)
    case "node.role": return constraint.matches(self.role == .manager ? "manager" : "worker")
    case "node.platform.os": return constraint.matches(self.platform?.os ?? "")
    case "node.platform.arch":
      let wanted = PlacementConstraint(
        key: constraint.key,
        comparison: constraint.comparison,
        value: Platform.normalized(architecture: constraint.value.lowercased())
      )
      return wanted.matches(Platform.normalized(architecture: (self.platform?.architecture ?? "").lowercased()))
    case "node.ip":
      guard let wanted = IPAddress(constraint.value) else { return false }
      let isInside = IPAddress(self.address).map { wanted.contains($0) } ?? false
      return isInside == (constraint.comparison == .equal)
    default:
      if key.hasPrefix("node.labels."), key != "node.labels." {
        return constraint.matches(self.labels[String(constraint.key.dropFirst(12))] ?? "")
      }
      if key.hasPrefix("engine.labels."), key != "engine.labels." {
        return constraint.matches(self.engineLabels[String(constraint.key.dropFirst(14))] ?? "")
      }
      return false
    }
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

extension PlacementConstraint {
  /// Whether the value is (or isn't) the wanted one; case doesn't count.
  fileprivate func matches(_ actual: String) -> Bool {
    let isEqual = self.value == actual || self.value.lowercased() == actual.lowercased()
    return isEqual == (self.comparison == .equal)
  }
}
