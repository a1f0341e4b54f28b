// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// A placement constraint read once, so that asking a node costs a comparison and nothing else.
struct Constraint: Sendable, Hashable {
  /// What of the node is compared.
  private enum Subject: Sendable, Hashable {
    case id
    case hostname
    case role
    case os
    case architecture
    case address([IPAddress]?)
    case label(String)
    case engineLabel(String)
    /// A key that nobody knows: no node meets it, whatever the operator (SwarmKit: constraint.NodeMatches).
    case unknown
  }

  /// The constraint as it was written.
  let source: PlacementConstraint
  private let subject: Subject
  private let values: [String]

  /// Takes a constraint on the node itself; those on the services there are ``ServiceAffinity``.
  init(_ source: PlacementConstraint) {
    self.source = source
    // Keys are compared without case, label names and nothing else keep it.
    let key = source.key.lowercased()
    self.subject =
      switch key {
      case "node.id": .id
      case "node.hostname": .hostname
      case "node.role": .role
      case "node.platform.os": .os
      case "node.platform.arch": .architecture
      case "node.ip": .address(Self.networks(source.values))
      case _ where key.hasPrefix("node.labels.") && key != "node.labels.": .label(String(source.key.dropFirst(12)))
      case _ where key.hasPrefix("engine.labels.") && key != "engine.labels.":
        .engineLabel(String(source.key.dropFirst(14)))
      default: .unknown
      }
    self.values =
      self.subject == .architecture
      ? source.values.map { Platform.normalized(architecture: $0.lowercased()) } : source.values
  }

  /// `nil` when one of them is no network: then no node fits.
  private static func networks(_ texts: [String]) -> [IPAddress]? {
    let networks = texts.compactMap { IPAddress($0) }
    return networks.count == texts.count ? networks : nil
  }

  /// Whether the node meets it.
  func holds(for facts: NodeFacts) -> Bool {
    switch self.subject {
    case .id: return self.matches(facts.id.description)
    case .hostname: return self.matches(facts.hostname)
    case .role: return self.matches(facts.role == .manager ? "manager" : "worker")
    case .os: return self.matches(facts.platform?.os ?? "")
    case .architecture: return self.matches(facts.architecture)
    case .label(let name): return self.matches(facts.labels[name])
    case .engineLabel(let name): return self.matches(facts.engineLabels[name])
    case .address(let networks):
      guard let networks else { return false }
      guard self.source.comparison != .exists else { return !facts.address.isEmpty }
      let isInside = facts.ip.map { address in networks.contains { $0.contains(address) } } ?? false
      return isInside == self.source.comparison.isPositive
    case .unknown: return false
    }
  }

  /// What the node has instead; `nil` when it has nothing.
  func actual(_ facts: NodeFacts) -> String? {
    switch self.subject {
    case .id: facts.id.description
    case .hostname: facts.hostname
    case .role: facts.role == .manager ? "manager" : "worker"
    case .os: facts.platform?.os
    case .architecture: facts.platform?.architecture
    case .address: facts.address
    case .label(let name): facts.labels[name]
    case .engineLabel(let name): facts.engineLabels[name]
    case .unknown: nil
    }
  }

  private func matches(_ actual: String) -> Bool {
    self.source.comparison == .exists ? !actual.isEmpty : self.isAmongValues(actual) == self.source.comparison.isPositive
  }

  /// A label that isn't there has the empty value, but doesn't exist.
  private func matches(_ label: String?) -> Bool {
    self.source.comparison == .exists
      ? label != nil : self.isAmongValues(label ?? "") == self.source.comparison.isPositive
  }

  private func isAmongValues(_ actual: String) -> Bool {
    self.values.contains { $0 == actual || $0.equalsIgnoringCase(actual) }
  }
}

extension String {
  /// Whether the strings are the same but for the case of ASCII letters; values of constraints have no others.
  fileprivate func equalsIgnoringCase(_ other: String) -> Bool {
    guard self.utf8.count == other.utf8.count else { return false }
    return zip(self.utf8, other.utf8).allSatisfy { Self.folded($0) == Self.folded($1) }
  }

  private static func folded(_ byte: UInt8) -> UInt8 {
    (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
  }
}
