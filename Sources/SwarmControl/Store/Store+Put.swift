// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
internal import SwarmModel

// Writing objects: the only place that touches the maps, so that the indexes always agree with the objects.

extension Store {
  mutating func put(_ cluster: Cluster, _ application: inout Application) {
    var new = cluster
    new.meta = application.meta(replacing: self.storedCluster?.value.meta)
    let box = Stored(new)
    application.changes.clusters.append(
      ObjectChange(old: self.storedCluster, new: box, by: application)
    )
    self.insert(box)
  }

  mutating func put(_ node: Node, _ application: inout Application) {
    let old = self.nodesByID[node.id]
    var new = node
    new.meta = application.meta(replacing: old?.value.meta)
    let box = Stored(new)
    application.changes.nodes.append(ObjectChange(old: old, new: box, by: application))
    self.insert(box)
  }

  mutating func put(_ service: Service, _ application: inout Application) {
    let old = self.servicesByID[service.id]
    var new = service
    new.meta = application.meta(replacing: old?.value.meta)
    let box = Stored(new)
    application.changes.services.append(ObjectChange(old: old, new: box, by: application))
    self.insert(box)
  }

  mutating func put(_ task: SwarmTask, replacing old: Stored<SwarmTask>?, _ application: inout Application) {
    var new = task
    new.meta = application.meta(replacing: old?.value.meta)
    let box = Stored(new)
    application.changes.tasks.append(ObjectChange(old: old, new: box, by: application))
    self.insert(box)
  }

  mutating func insert(_ cluster: Stored<Cluster>) {
    self.storedCluster = cluster
  }

  mutating func insert(_ node: Stored<Node>) {
    let id = node.value.id
    let old = self.nodesByID.updateValue(node, forKey: id)
    self.index(id, takesTasks: node.value.takesTasks)
    let hostname = node.value.description?.hostname ?? ""
    let oldHostname = old?.value.description?.hostname ?? ""
    guard hostname != oldHostname else { return }
    self.nodesByHostname.remove(id, from: oldHostname)
    if !hostname.isEmpty {
      self.nodesByHostname[hostname, default: []].insert(id)
    }
  }

  mutating func insert(_ service: Stored<Service>) {
    let id = service.value.id
    let old = self.servicesByID.updateValue(service, forKey: id)
    if old?.value.spec != service.value.spec || old?.value.endpoint != service.value.endpoint {
      self.unindex(old?.value)
      self.servicesByName[Self.nameKey(service.value.spec.annotations.name)] = id
      for port in service.value.takenPorts {
        self.publishedPorts[port.port, default: [:]][id] = port.mode
      }
      self.indexNetworks(of: service.value)
      for secret in service.value.spec.secretIDs { self.servicesBySecret[secret, default: []].insert(id) }
      for config in service.value.spec.configIDs { self.servicesByConfig[config, default: []].insert(id) }
      if old?.value.spec.task != service.value.spec.task {
        self.taskSpecs[id] = TaskSpecBox(service.value.spec.task)
      }
    }
  }

  mutating func insert(_ task: Stored<SwarmTask>) {
    let id = task.value.id
    let old = self.tasksByID.updateValue(task, forKey: id)
    if old?.value.serviceID != task.value.serviceID {
      if let service = old?.value.serviceID { self.tasksByService.remove(id, from: service) }
      if let service = task.value.serviceID { self.tasksByService[service, default: []].insert(id) }
    }
    if old?.value.nodeID != task.value.nodeID {
      if let node = old?.value.nodeID { self.unindex(id, on: node) }
      if let node = task.value.nodeID { self.tasksByNode[node, default: NodeTasks()].ids.insert(id) }
    }
  }

  mutating func remove(_ node: Stored<Node>, _ application: inout Application) {
    self.delete(node)
    application.changes.nodes.append(ObjectChange(old: node, new: nil, by: application))
  }

  mutating func remove(_ service: Stored<Service>, _ application: inout Application) {
    self.delete(service)
    application.changes.services.append(ObjectChange(old: service, new: nil, by: application))
  }

  mutating func remove(_ task: Stored<SwarmTask>, _ application: inout Application) {
    self.delete(task)
    application.changes.tasks.append(ObjectChange(old: task, new: nil, by: application))
  }

  mutating func delete(_ node: Stored<Node>) {
    let id = node.value.id
    self.nodesByID[id] = nil
    self.index(id, takesTasks: false)
    self.nodesByHostname.remove(id, from: node.value.description?.hostname ?? "")
  }

  mutating func delete(_ service: Stored<Service>) {
    let id = service.value.id
    self.servicesByID[id] = nil
    self.taskSpecs[id] = nil
    self.unindex(service.value)
  }

  mutating func delete(_ task: Stored<SwarmTask>) {
    let id = task.value.id
    self.tasksByID[id] = nil
    if let service = task.value.serviceID { self.tasksByService.remove(id, from: service) }
    if let node = task.value.nodeID { self.unindex(id, on: node) }
  }

  private mutating func index(_ node: NodeID, takesTasks: Bool) {
    guard takesTasks != (self.tasksByNode[node]?.takesMore ?? false) else { return }
    self.tasksByNode[node, default: NodeTasks()].takesMore = takesTasks
    if self.tasksByNode[node]?.ids.isEmpty == true, !takesTasks { self.tasksByNode[node] = nil }
  }

  private mutating func unindex(_ task: TaskID, on node: NodeID) {
    guard var tasks = self.tasksByNode[node] else { return }
    // Out of the map, so that the set is changed in place.
    self.tasksByNode[node] = nil
    tasks.ids.remove(task)
    if tasks.takesMore || !tasks.ids.isEmpty { self.tasksByNode[node] = tasks }
  }

  private mutating func unindex(_ service: Service?) {
    guard let service else { return }
    let name = Self.nameKey(service.spec.annotations.name)
    if self.servicesByName[name] == service.id {
      self.servicesByName[name] = nil
    }
    for port in service.takenPorts {
      self.publishedPorts[port.port]?[service.id] = nil
      if self.publishedPorts[port.port]?.isEmpty == true {
        self.publishedPorts[port.port] = nil
      }
    }
    self.unindexNetworks(of: service)
    for secret in service.spec.secretIDs { self.servicesBySecret.remove(service.id, from: secret) }
    for config in service.spec.configIDs { self.servicesByConfig.remove(service.id, from: config) }
  }

  /// Names differ in more than case.
  static func nameKey(_ name: String) -> String { name.lowercased() }
}

extension Service {
  /// The ports that no other service may take, also those that the cluster chose.
  var takenPorts: [(port: PublishedPort, mode: PortConfig.PublishMode)] {
    (self.endpoint?.ports ?? self.spec.endpoint?.ports ?? []).lazy
      .filter { $0.publishedPort > 0 }
      .map { (PublishedPort(number: $0.publishedPort, kind: $0.protocol), $0.publishMode) }
  }
}

extension TreeDictionary {
  /// Takes an element out of the set of a key, and the set out of the map when it is empty.
  mutating func remove<Element: Hashable>(_ element: Element, from key: Key)
  where Value == TreeSet<Element> {
    guard var set = self[key] else { return }
    self[key] = nil
    set.remove(element)
    if !set.isEmpty { self[key] = set }
  }
}
