// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What services are called, and which of them look for each other or stay away from each other.
struct ServiceNeighbours: Sendable {
  private struct Known: Sendable {
    let name: String
    let affinity: ServiceAffinity
  }

  private var services: [ServiceID: Known] = [:]
  private var idsByName: [String: ServiceID] = [:]
  /// The services that want a service of that name beside them.
  private var lookingFor: [String: Set<ServiceID>] = [:]
  /// The services that don't want a service of that name beside them.
  private var avoiding: [String: Set<ServiceID>] = [:]

  init() {}

  /// A service came, changed or went.
  mutating func serviceChanged(_ id: ServiceID, to service: Service?) {
    if let old = self.services.removeValue(forKey: id) {
      if self.idsByName[old.name] == id { self.idsByName[old.name] = nil }
      for name in old.affinity.wanted.joined() { self.lookingFor[name]?.remove(id) }
      for name in old.affinity.unwanted { self.avoiding[name]?.remove(id) }
    }
    guard let service else { return }
    var affinity = ServiceAffinity()
    for constraint in PlacementConstraint.parse(service.spec.task.placement?.constraints ?? []) ?? [] {
      _ = affinity.take(constraint)
    }
    let name = service.spec.annotations.name.lowercased()
    self.services[id] = Known(name: name, affinity: affinity)
    self.idsByName[name] = id
    for name in affinity.wanted.joined() { self.lookingFor[name, default: []].insert(id) }
    for name in affinity.unwanted { self.avoiding[name, default: []].insert(id) }
  }

  /// Whether any service ever wanted to be apart from another.
  var hasWishes: Bool { !self.avoiding.isEmpty }

  func id(of name: String) -> ServiceID? { self.idsByName[name] }

  /// What the service is called, and whom it doesn't want beside it.
  func nameAndUnwanted(of id: ServiceID) -> (name: String, unwanted: [String])? {
    self.services[id].map { ($0.name, $0.affinity.unwanted) }
  }

  /// Whether any service wants tasks of this one beside it.
  func isLookedFor(_ id: ServiceID) -> Bool {
    guard !self.lookingFor.isEmpty, let name = self.services[id]?.name else { return false }
    return self.lookingFor[name]?.isEmpty == false
  }

  /// The services that don't want tasks of this one beside them.
  func avoiders(of id: ServiceID) -> Set<ServiceID> {
    guard !self.avoiding.isEmpty, let name = self.services[id]?.name else { return [] }
    return self.avoiding[name] ?? []
  }
}
