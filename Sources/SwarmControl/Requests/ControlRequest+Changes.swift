// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

extension ControlRequest {
  /// Turns a request into changes, with docker's checks and docker's sentences.
  ///
  /// What a change needs of the state is for the store to say, so that the rules stand in one place.
  ///
  /// - Parameters:
  ///   - request: What the user asks for.
  ///   - store: The state to check against: the leader's, with what is in flight.
  ///   - now: The leader's wall time.
  ///   - ids: Where the ids of new objects come from.
  /// - Throws: The refusal that the user gets to read.
  package static func changes(
    for request: ControlRequest,
    in store: Store,
    now: Timestamp,
    ids: inout IdentifierGenerator
  ) throws(SwarmError) -> [Change] {
    let change = try request.change(in: store, ids: &ids)
    try store.check(change, at: now)
    return [change]
  }

  private func change(in store: Store, ids: inout IdentifierGenerator) throws(SwarmError) -> Change {
    switch self {
    case .createService(let spec):
      try spec.validate()
      try spec.checkDependencies(in: store)
      let service = Service(id: ids.make(), spec: try spec.resolvingNetworks(in: store))
      if let shortage = EndpointAllocator.endpoint(of: service, in: store).shortage { throw shortage }
      return .createService(service)

    case .updateService(let reference, let version, let spec, let rollback):
      let service = try store.resolveService(reference)
      try Self.check(version, against: service.meta)
      if rollback {
        // What comes with a rollback is the current specification, which nobody needs.
        return .updateService(service.id, expected: service.meta.version, service.spec, isRollback: true)
      }
      try spec.validate()
      var changed = service
      try spec.checkDependencies(in: store)
      changed.spec = try spec.resolvingNetworks(in: store)
      if let shortage = EndpointAllocator.endpoint(of: changed, in: store).shortage { throw shortage }
      return .updateService(service.id, expected: service.meta.version, changed.spec, isRollback: false)

    case .removeService(let reference):
      return .removeService(try store.resolveService(reference).id)

    case .updateNode(let reference, let version, let spec):
      let node = try store.resolveNode(reference)
      try Self.check(version, against: node.meta)
      try node.checkRole(spec.desiredRole)
      return .updateNodeSpec(node.id, expected: node.meta.version, spec)

    case .removeNode(let reference, let force):
      return .removeNode(try store.resolveNode(reference).id, force: force)

    case .updateCluster(let version, let spec):
      guard let cluster = store.cluster else {
        throw SwarmError(code: .notFound, message: "cluster not found")
      }
      try Self.check(version, against: cluster.meta)
      try spec.validate()
      return .updateClusterSpec(expected: cluster.meta.version, spec)

    case .replaceRootCA(let version, let rootCA):
      guard let cluster = store.cluster else {
        throw SwarmError(code: .notFound, message: "cluster not found")
      }
      try Self.check(version, against: cluster.meta)
      return .replaceRootCA(expected: cluster.meta.version, rootCA)

    case .changeCluster(let version, let change):
      guard let cluster = store.cluster else {
        throw SwarmError(code: .notFound, message: "cluster not found")
      }
      try Self.check(version, against: cluster.meta)
      try change.spec?.validate()
      return .changeCluster(expected: cluster.meta.version, change)

    case .createSecret(let spec):
      try spec.validate()
      return .createSecret(Secret(id: ids.make(), spec: spec))
    case .updateSecret(let reference, let version, let spec):
      let secret = try store.resolveSecret(reference)
      try Self.check(version, against: secret.meta)
      // Clients send no data back, because they never got to see it.
      var known = spec
      if known.data.isEmpty { known.data = secret.spec.data }
      known.annotations.labels = secret.spec.annotations.labels
      try Self.checkOnlyLabels(known == secret.spec)
      return .updateSecret(secret.id, expected: secret.meta.version, labels: spec.annotations.labels)
    case .removeSecret(let reference):
      return .removeSecret(try store.resolveSecret(reference).id)
    case .createConfig(let spec):
      try spec.validate()
      return .createConfig(Config(id: ids.make(), spec: spec))
    case .updateConfig(let reference, let version, let spec):
      let config = try store.resolveConfig(reference)
      try Self.check(version, against: config.meta)
      var known = spec
      if known.data.isEmpty { known.data = config.spec.data }
      known.annotations.labels = config.spec.annotations.labels
      try Self.checkOnlyLabels(known == config.spec)
      return .updateConfig(config.id, expected: config.meta.version, labels: spec.annotations.labels)
    case .removeConfig(let reference):
      return .removeConfig(try store.resolveConfig(reference).id)
    case .restartService(let reference):
      let service = try store.resolveService(reference)
      var spec = service.spec
      spec.task.forceUpdate += 1
      return .updateService(service.id, expected: service.meta.version, spec, isRollback: false)
    case .stopService(let reference, let isStopped):
      return .stopService(try store.resolveService(reference).id, isStopped: isStopped)
    case .createNetwork(let spec):
      try spec.annotations.validateName()
      return .createNetwork(try NetworkAllocator.network(spec, id: ids.make(), in: store))
    case .removeNetwork(let reference):
      return .removeNetwork(try store.resolveNetwork(reference).id)
    case .registerNode(let registration):
      if let id = registration.id, store.node(id) != nil {
        // Nothing to write, but the answer names the node.
        return .nodeStatuses([NodeStatusChange(id: id)])
      }
      return .putNode(registration.node(ids: &ids))

    case .certifyNode(let id, let certificate):
      // A node that was removed meanwhile doesn't come back by this.
      return .nodeStatuses([NodeStatusChange(id: id, certificate: certificate)])
    }
  }

  private static func checkOnlyLabels(_ isSame: Bool) throws(SwarmError) {
    guard isSame else { throw SwarmError(code: .invalidArgument, message: "only updates to Labels are allowed") }
  }

  /// Users know only the index of a version.
  private static func check(_ index: UInt64, against meta: Meta) throws(SwarmError) {
    guard index == meta.version.index else {
      throw SwarmError(code: .outOfSequence, message: "update out of sequence")
    }
  }

  /// The answer once the changes of ``changes(for:in:now:ids:)`` were applied (or had been, for a retry).
  package func response(to outcome: Outcome) -> ControlResponse {
    if let error = outcome.error { return .failure(error) }
    switch self {
    case .createService, .updateService, .restartService, .stopService:
      guard let id = ServiceID(outcome.subject) else { break }
      return .service(id, version: outcome.version, warnings: self.warnings)
    case .updateNode, .registerNode, .certifyNode:
      guard let id = NodeID(outcome.subject) else { break }
      return .node(id, version: outcome.version)
    case .createSecret, .createConfig, .createNetwork:
      return .object(outcome.subject, version: outcome.version)
    case .removeService, .removeNode, .updateCluster, .replaceRootCA, .changeCluster, .updateSecret, .removeSecret,
      .updateConfig, .removeConfig, .removeNetwork:
      return .done(version: outcome.version)
    }
    return .failure(
      SwarmError(code: .internalError, message: "the outcome names no object, although the request was carried out")
    )
  }
}

extension ControlRequest {
  /// What the user is told about a request that is carried out.
  private var warnings: [String] {
    let spec: ServiceSpec
    switch self {
    case .createService(let created): spec = created
    case .updateService(_, _, let updated, let isRollback) where !isRollback: spec = updated
    default: return []
    }
    let ports = (spec.endpoint?.ports ?? []).filter { $0.publishMode == .ingress }
    guard !ports.isEmpty else { return [] }
    let targets = ports.map { "\($0.targetPort)/\($0.protocol)" }.joined(separator: ", ")
    return [
      "no routing mesh runs yet: ports published in ingress mode (\(targets)) get their numbers but carry no traffic; "
        + "publish with mode=host to reach tasks on their nodes"
    ]
  }
}

extension ServiceSpec {
  /// The specification with the ids of networks in place of what a user typed.
  fileprivate func resolvingNetworks(in store: Store) throws(SwarmError) -> Self {
    var spec = self
    for index in spec.networks.indices {
      spec.networks[index].target = try store.resolveNetwork(spec.networks[index].target).id.description
    }
    for index in spec.task.networks.indices {
      spec.task.networks[index].target = try store.resolveNetwork(spec.task.networks[index].target).id.description
    }
    return spec
  }
}

extension ServiceSpec {
  /// Refuses dependencies that lead back here: such services would wait for each other for ever.
  fileprivate func checkDependencies(in store: Store) throws(SwarmError) {
    var path = [self.annotations.name]
    var visited: Set<String> = []
    func visit(_ spec: ServiceSpec) -> Bool {
      for dependency in spec.dependencies {
        if dependency.service == self.annotations.name { return true }
        guard visited.insert(dependency.service).inserted, let next = store.service(named: dependency.service) else { continue }
        path.append(dependency.service)
        if visit(next.spec) { return true }
        path.removeLast()
      }
      return false
    }
    guard visit(self) else { return }
    let cycle = (path + [self.annotations.name]).joined(separator: " → ")
    throw SwarmError(code: .invalidArgument, message: "services can't depend on each other in a circle: \(cycle)")
  }
}

extension NodeRegistration {
  /// The new node.
  fileprivate func node(ids: inout IdentifierGenerator) -> Node {
    Node(
      id: self.id ?? ids.make(),
      spec: NodeSpec(desiredRole: self.role, availability: self.availability),
      description: self.hostname.isEmpty ? nil : NodeDescription(hostname: self.hostname),
      certificate: self.certificate,
      role: self.role
    )
  }
}
