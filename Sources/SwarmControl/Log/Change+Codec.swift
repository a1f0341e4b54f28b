// SPDX-License-Identifier: Apache-2.0
internal import SwarmModel

extension Change {
  /// The kinds of changes in the log: the number of a change's field in its entry.
  ///
  /// Numbers are never reused.
  enum Kind: Int {
    case putCluster = 16
    case updateClusterSpec = 17
    case replaceRootCA = 18
    case changeCluster = 19
    case putNode = 24
    case updateNodeSpec = 25
    case nodeStatuses = 26
    case removeNode = 27
    case createService = 32
    case updateService = 33
    case updateStatus = 34
    case removeService = 35
    case runJob = 36
    case stopService = 37
    case createTasks = 40
    case assignTasks = 41
    case pendingReasons = 42
    case desiredStates = 43
    case taskStatuses = 44
    case removeTasks = 45
    case expireClients = 56
    case createSecret = 64
    case updateSecret = 65
    case removeSecret = 66
    case createConfig = 72
    case updateConfig = 73
    case removeConfig = 74
    case createNetwork = 80
    case removeNetwork = 81
    case allocate = 82
  }

  /// Writes the change as a field whose number is its kind.
  func write(to writer: inout WireWriter) {
    func write(_ kind: Kind, _ record: some WireRecord) {
      record.write(kind.rawValue, to: &writer)
    }
    switch self {
    case .putCluster(let cluster):
      write(.putCluster, cluster)
    case .updateClusterSpec(let expected, let spec):
      write(.updateClusterSpec, SpecUpdate<Cluster, ClusterSpec>(expected: expected, spec: spec))
    case .replaceRootCA(let expected, let rootCA):
      write(.replaceRootCA, SpecUpdate<Cluster, RootCA>(expected: expected, spec: rootCA))
    case .changeCluster(let expected, let change):
      write(.changeCluster, ClusterUpdate(expected: expected, change: change))
    case .putNode(let node):
      write(.putNode, node)
    case .updateNodeSpec(let id, let expected, let spec):
      write(.updateNodeSpec, SpecUpdate(id: id, expected: expected, spec: spec))
    case .nodeStatuses(let statuses):
      write(.nodeStatuses, Items(items: statuses))
    case .removeNode(let id, let force):
      write(.removeNode, Removal(id: id, force: force))
    case .createService(let service):
      write(.createService, service)
    case .updateService(let id, let expected, let spec, let isRollback):
      write(.updateService, SpecUpdate(id: id, expected: expected, spec: spec, isRollback: isRollback))
    case .updateStatus(let id, let specVersion, let status):
      write(.updateStatus, StatusOfUpdate(id: id, status: status, specVersion: specVersion))
    case .removeService(let id):
      write(.removeService, Removal(id: id))
    case .createTasks(let id, let specVersion, let desired, let tasks):
      write(.createTasks, TaskCreation(service: id, specVersion: specVersion, desired: desired, tasks: tasks))
    case .assignTasks(let assignments):
      write(.assignTasks, Items(items: assignments))
    case .pendingReasons(let reasons):
      write(.pendingReasons, Items(items: reasons))
    case .desiredStates(let states):
      write(.desiredStates, Items(items: states))
    case .taskStatuses(let statuses):
      write(.taskStatuses, Items(items: statuses))
    case .removeTasks(let ids):
      write(.removeTasks, IdentifierList(ids: ids))
    case .expireClients(let moment):
      write(.expireClients, Moment(time: moment))
    case .createSecret(let secret):
      write(.createSecret, secret)
    case .updateSecret(let id, let expected, let labels):
      write(.updateSecret, LabelUpdate(id: id, expected: expected, labels: labels))
    case .removeSecret(let id):
      write(.removeSecret, Removal(id: id))
    case .createConfig(let config):
      write(.createConfig, config)
    case .updateConfig(let id, let expected, let labels):
      write(.updateConfig, LabelUpdate(id: id, expected: expected, labels: labels))
    case .removeConfig(let id):
      write(.removeConfig, Removal(id: id))
    case .runJob(let id, let iteration):
      write(.runJob, JobRun(service: id, iteration: iteration))
    case .stopService(let id, let isStopped):
      write(.stopService, Removal(id: id, force: isStopped))
    case .createNetwork(let network):
      write(.createNetwork, network)
    case .removeNetwork(let id):
      write(.removeNetwork, Removal(id: id))
    case .allocate(let id, let specVersion, let endpoint):
      write(.allocate, Allocation(service: id, specVersion: specVersion, endpoint: endpoint))
    }
  }

  /// Reads a field of an entry.
  ///
  /// - Throws: `unsupportedFormat` for an unknown kind or field, `dataLoss` for bytes that aren't a record.
  init(_ field: WireReader.Field) throws(SwarmError) {
    guard let kind = Kind(rawValue: field.number) else {
      throw SwarmError(
        code: .unsupportedFormat,
        message: "the log holds a change of kind \(field.number), which this version does not know; run the newer version"
      )
    }
    func read<Record: WireRecord>(_ record: Record.Type = Record.self) throws(SwarmError) -> Record {
      var record = Record.blank
      guard try record.read(field.value) else {
        throw SwarmError(code: .dataLoss, message: "a change of kind \(field.number) isn't a record")
      }
      return record
    }
    switch kind {
    case .putCluster:
      self = .putCluster(try read())
    case .updateClusterSpec:
      let update: SpecUpdate<Cluster, ClusterSpec> = try read()
      self = .updateClusterSpec(expected: update.expected, update.spec)
    case .replaceRootCA:
      let update: SpecUpdate<Cluster, RootCA> = try read()
      self = .replaceRootCA(expected: update.expected, update.spec)
    case .changeCluster:
      let update: ClusterUpdate = try read()
      self = .changeCluster(expected: update.expected, update.change)
    case .putNode:
      self = .putNode(try read())
    case .updateNodeSpec:
      let update: SpecUpdate<Node, NodeSpec> = try read()
      self = .updateNodeSpec(update.id, expected: update.expected, update.spec)
    case .nodeStatuses:
      self = .nodeStatuses(try read(Items.self).items)
    case .removeNode:
      let removal: Removal<Node> = try read()
      self = .removeNode(removal.id, force: removal.force)
    case .createService:
      self = .createService(try read())
    case .updateService:
      let update: SpecUpdate<Service, ServiceSpec> = try read()
      self = .updateService(update.id, expected: update.expected, update.spec, isRollback: update.isRollback)
    case .updateStatus:
      let update: StatusOfUpdate = try read()
      self = .updateStatus(update.id, specVersion: update.specVersion, update.status)
    case .removeService:
      self = .removeService(try read(Removal.self).id)
    case .createTasks:
      let creation: TaskCreation = try read()
      self = .createTasks(
        creation.service,
        specVersion: creation.specVersion,
        desired: creation.desired,
        creation.tasks
      )
    case .assignTasks:
      self = .assignTasks(try read(Items.self).items)
    case .pendingReasons:
      self = .pendingReasons(try read(Items.self).items)
    case .desiredStates:
      self = .desiredStates(try read(Items.self).items)
    case .taskStatuses:
      self = .taskStatuses(try read(Items.self).items)
    case .removeTasks:
      self = .removeTasks(try read(IdentifierList.self).ids)
    case .expireClients:
      self = .expireClients(before: try read(Moment.self).time)
    case .createSecret:
      self = .createSecret(try read())
    case .updateSecret:
      let update: LabelUpdate<Secret> = try read()
      self = .updateSecret(update.id, expected: update.expected, labels: update.labels)
    case .removeSecret:
      self = .removeSecret(try read(Removal.self).id)
    case .createConfig:
      self = .createConfig(try read())
    case .updateConfig:
      let update: LabelUpdate<Config> = try read()
      self = .updateConfig(update.id, expected: update.expected, labels: update.labels)
    case .removeConfig:
      self = .removeConfig(try read(Removal.self).id)
    case .runJob:
      let run: JobRun = try read()
      self = .runJob(run.service, iteration: run.iteration)
    case .stopService:
      let stop: Removal<Service> = try read()
      self = .stopService(stop.id, isStopped: stop.force)
    case .createNetwork:
      self = .createNetwork(try read())
    case .removeNetwork:
      self = .removeNetwork(try read(Removal.self).id)
    case .allocate:
      let allocation: Allocation = try read()
      self = .allocate(allocation.service, specVersion: allocation.specVersion, allocation.endpoint)
    }
  }
}
