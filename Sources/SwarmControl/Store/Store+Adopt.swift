// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Store {
  /// Takes over what an entry did to another copy of this store: the same objects in their boxes, and nothing is done twice.
  mutating func adopt(_ entry: LogEntry, _ applied: Applied) {
    self.version = applied.index
    self.time = max(self.time + .nanoseconds(1), entry.time)
    self.adopt(applied.changes)
    if let stamp = entry.client {
      guard !applied.wasDuplicate else { return self.clients.touch(stamp.client, time: entry.time) }
      self.clients.remember(applied.outcome, of: stamp, time: entry.time)
    }
    for case .expireClients(let moment) in entry.changes { self.clients.expire(before: moment) }
  }

  /// Takes over objects as a change set left them, except those that are here as something later will leave them.
  mutating func adopt(_ changes: ChangeSet, except later: [TouchedObjects] = []) {
    if let cluster = changes.clusters.last?.newBox, !later.contains(where: \.cluster) { self.insert(cluster) }
    for change in changes.nodes {
      guard let id = change.currentBox?.value.id, !later.contains(where: { $0.nodes.contains(id) }) else { continue }
      if let node = change.newBox { self.insert(node) } else if let node = self.nodeBox(id) { self.delete(node) }
    }
    for change in changes.services {
      guard let id = change.currentBox?.value.id, !later.contains(where: { $0.services.contains(id) }) else { continue }
      if let service = change.newBox { self.insert(service) } else if let service = self.serviceBox(id) { self.delete(service) }
    }
    for change in changes.tasks {
      guard let id = change.currentBox?.value.id, !later.contains(where: { $0.tasks.contains(id) }) else { continue }
      if let task = change.newBox { self.insert(task) } else if let task = self.taskBox(id) { self.delete(task) }
    }
    // The control loop itself makes none of these.
    for change in changes.secrets {
      if let secret = change.newBox { self.insert(secret) } else if let secret = change.oldBox { self.delete(secret) }
    }
    for change in changes.configs {
      if let config = change.newBox { self.insert(config) } else if let config = change.oldBox { self.delete(config) }
    }
    for change in changes.networks {
      if let network = change.newBox { self.insert(network) } else if let network = change.oldBox { self.delete(network) }
    }
  }
}
