// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// Where entries go: into a store in memory, or there by way of a synced log.
enum Ledger {
  case memory(Store)
  case raft(RaftOfOne)

  func service(_ id: ServiceID) -> Service? {
    switch self {
    case .memory(let store): store.service(id)
    case .raft(let group): group.store.service(id)
    }
  }

  mutating func apply(_ changes: [Change]) -> Applied {
    let entry = LogEntry(leaderTerm: 1, time: .zero, changes: changes)
    switch self {
    case .memory(var store):
      // Taken out and put back, so that it is changed in place.
      self = .memory(Store())
      defer { self = .memory(store) }
      return store.apply(entry, index: store.version + 1)
    case .raft(let group):
      return group.apply(entry)
    }
  }
}
