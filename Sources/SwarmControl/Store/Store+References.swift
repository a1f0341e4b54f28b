// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
package import SwarmModel

extension Store {
  /// Finds a service by what a user typed: its full id, its exact name, or the beginning of its id.
  ///
  /// - Throws: `notFound` with `service … not found`, or `invalidArgument` when several ids begin like this.
  package func resolveService(_ reference: String) throws(SwarmError) -> Service {
    if let id = ServiceID(reference), let service = self.service(id) { return service }
    if let service = self.service(named: reference) { return service }
    return try Self.onlyOne(in: self.servicesByID, kind: "service", reference)
  }

  /// Finds a node by what a user typed: its full id, its exact name or host's name, or the beginning of its id.
  ///
  /// - Throws: `notFound` with `node … not found`, or `invalidArgument` when several nodes match.
  package func resolveNode(_ reference: String) throws(SwarmError) -> Node {
    if let id = NodeID(reference), let node = self.node(id) { return node }
    if !reference.isEmpty {
      let named = self.nodesByID.values.filter { $0.value.spec.annotations.name == reference }
      if let node = named.first, named.count == 1 { return node.value }
    }
    if let ids = self.nodesByHostname[reference], let id = ids.first {
      guard ids.count == 1, let node = self.node(id) else {
        throw Self.ambiguous("node", reference, count: ids.count)
      }
      return node
    }
    return try Self.onlyOne(in: self.nodesByID, kind: "node", reference)
  }

  /// Finds a task by what a user typed: its full id or the beginning of its id.
  ///
  /// - Throws: `notFound` with `task … not found`, or `invalidArgument` when several ids begin like this.
  package func resolveTask(_ reference: String) throws(SwarmError) -> SwarmTask {
    if let id = TaskID(reference), let task = self.task(id) { return task }
    return try Self.onlyOne(in: self.tasksByID, kind: "task", reference)
  }

  /// Finds a secret by what a user typed: its full id, its exact name, or the beginning of its id.
  ///
  /// - Throws: `notFound` with `secret … not found`, or `invalidArgument` when several ids begin like this.
  package func resolveSecret(_ reference: String) throws(SwarmError) -> Secret {
    if let id = SecretID(reference), let secret = self.secret(id) { return secret }
    if let id = self.secretsByName[Self.nameKey(reference)], let secret = self.secret(id) { return secret }
    return try Self.onlyOne(in: self.secretsByID, kind: "secret", reference)
  }

  /// Finds a config by what a user typed: its full id, its exact name, or the beginning of its id.
  ///
  /// - Throws: `notFound` with `config … not found`, or `invalidArgument` when several ids begin like this.
  package func resolveConfig(_ reference: String) throws(SwarmError) -> Config {
    if let id = ConfigID(reference), let config = self.config(id) { return config }
    if let id = self.configsByName[Self.nameKey(reference)], let config = self.config(id) { return config }
    return try Self.onlyOne(in: self.configsByID, kind: "config", reference)
  }

  /// Finds a network by what a user typed: its full id, its exact name, or the beginning of its id.
  ///
  /// - Throws: `notFound` with `network … not found`, or `invalidArgument` when several ids begin like this.
  package func resolveNetwork(_ reference: String) throws(SwarmError) -> Network {
    if let id = NetworkID(reference), let network = self.network(id) { return network }
    if let id = self.networksByName[Self.nameKey(reference)], let network = self.network(id) { return network }
    return try Self.onlyOne(in: self.networksByID, kind: "network", reference)
  }

  private static func onlyOne<Object>(
    in objects: TreeDictionary<Identifier<Object>, Stored<Object>>,
    kind: String,
    _ prefix: String
  ) throws(SwarmError) -> Object {
    let wanted = prefix.isEmpty ? [] : objects.keys.filter { $0.description.hasPrefix(prefix) }
    guard let id = wanted.first, let object = objects[id] else { throw Self.notFound(kind, prefix) }
    guard wanted.count == 1 else { throw Self.ambiguous(kind, prefix, count: wanted.count) }
    return object.value
  }

  private static func ambiguous(_ kind: String, _ reference: String, count: Int) -> SwarmError {
    SwarmError(
      code: .invalidArgument,
      message: "\(kind) \(reference) is ambiguous (\(count) matches found)"
    )
  }
}
