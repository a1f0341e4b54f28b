// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

extension OrchestrationOracle {
  /// O3: a node that tells what plugins it has has those that a task needs, and its tasks want the new one beside them, and it them.
  mutating func checkCompany(of task: SwarmTask, on known: [Node], _ views: [Store]) {
    guard let id = known.first?.id else { return }
    for plugin in task.spec.value.neededPlugins {
      if known.allSatisfy({ !$0.mayHave(plugin) }) { self.fail("O3: \(task.id) is assigned to a node without \(plugin.name)") }
      self.coverage.saw(.pluginFound)
    }
    for name in task.spec.value.services(after: "service.name==") {
      // Of a neighbour that was changed meanwhile the task in the same entry was refused.
      let isSame = Set(views.map { $0.service(named: name)?.specVersion }).count == 1
      if isSame, views.allSatisfy({ !$0.has(name, on: id) }) { self.fail("O3: \(task.id) is assigned to a node without \(name)") }
      self.coverage.saw(.neighbourFound)
    }
    for name in task.spec.value.services(after: "service.name!=") {
      if views.allSatisfy({ $0.runs(name, on: id) }) { self.fail("O3: \(task.id) is assigned to a node with \(name)") }
      self.coverage.saw(.strangerAvoided)
    }
    guard let own = task.serviceAnnotations.name.isEmpty ? nil : task.serviceAnnotations.name else { return }
    for service in self.store.services() where service.spec.task.services(after: "service.name!=").contains(own) {
      let name = service.spec.annotations.name
      let isAvoided = views.allSatisfy { view in
        view.runs(name, on: id) && view.service(service.id)?.spec.task.services(after: "service.name!=").contains(own) == true
      }
      if isAvoided { self.fail("O3: \(task.id) is assigned to a node with \(name), which doesn't want it") }
    }
  }
}

extension TaskSpec {
  /// The names of services in constraints that begin so.
  fileprivate func services(after prefix: String) -> [String] {
    (self.placement?.constraints ?? []).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
  }

  fileprivate var neededPlugins: [PluginDescription] {
    let volumes = (self.container?.mounts ?? []).compactMap { $0.volumeOptions?.driverConfig?.name }
    let logs = [self.logDriver?.name].compactMap(\.self)
    return volumes.map { PluginDescription(type: "Volume", name: $0) } + logs.map { PluginDescription(type: "Log", name: $0) }
  }
}

extension Node {
  /// Whether the node has a plugin, or doesn't tell what it has of that type.
  fileprivate func mayHave(_ plugin: PluginDescription) -> Bool {
    guard let plugins = self.description?.engine?.plugins else { return true }
    let known = plugins.filter { $0.type == plugin.type }.map(\.name)
    return known.contains { $0 == plugin.name || $0 == "\(plugin.name):latest" } || plugin.type == "Log" && known.isEmpty
  }

  /// Whether the node has the plugins that a task needs, and company that it doesn't mind.
  func suits(_ task: SwarmTask, in store: Store) -> Bool {
    let spec = task.spec.value
    guard spec.neededPlugins.allSatisfy(self.mayHave) else { return false }
    guard spec.services(after: "service.name==").allSatisfy({ store.runs($0, on: self.id) }) else { return false }
    guard !spec.services(after: "service.name!=").contains(where: { store.runs($0, on: self.id) }) else { return false }
    return !store.tasks(on: self.id).contains { other in
      guard other.isWanted, !other.hasEnded, !other.waitsForItsNode, let service = other.serviceID.flatMap({ store.service($0) })
      else { return false }
      return service.spec.task.services(after: "service.name!=").contains(task.serviceAnnotations.name)
    }
  }
}

extension Store {
  /// Whether a task of a service may run on a node, though it may be told to stop by now.
  fileprivate func has(_ name: String, on node: NodeID) -> Bool {
    guard let service = self.service(named: name) else { return false }
    return self.tasks(on: node).contains { $0.serviceID == service.id && !$0.hasEnded && !$0.waitsForItsNode }
  }

  /// Whether a task of a service is meant to run on a node.
  fileprivate func runs(_ name: String, on node: NodeID) -> Bool {
    guard let service = self.service(named: name) else { return false }
    return self.tasks(on: node).contains {
      $0.serviceID == service.id && $0.isWanted && !$0.hasEnded && !$0.waitsForItsNode
    }
  }
}
