// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Swarm
internal import SwarmModel

extension PlacementExplanation {
  /// The explanation as the API has it.
  func apiValue(slot: UInt64) -> Engine.Explanation {
    var explanation = Engine.Explanation()
    explanation.taskID = self.task.description
    explanation.slot = slot == 0 ? nil : slot
    explanation.nodeID = self.node?.description
    explanation.nodes = Int64(self.nodes)
    explanation.fitting = Int64(self.fitting)
    explanation.failures = PlacementFilter.allCases.compactMap { filter in
      guard let count = self.failures[filter], count > 0 else { return nil }
      var failures = Engine.FilterFailures()
      failures.filter = "\(filter)"
      failures.nodes = Int64(count)
      return failures
    }
    explanation.nearest = self.nearest.map { miss in
      var near = Engine.NearMiss()
      near.nodeID = miss.node.description
      near.hostname = miss.hostname
      near.obstacles = miss.obstacles.map(\.sentence)
      return near
    }
    return explanation
  }
}

extension PlacementExplanation.Obstacle {
  /// What speaks against the node, for people.
  fileprivate var sentence: String {
    switch self {
    case .unavailable(let state, let availability):
      "it is \(NodeStatus.State.engineNames[state]) and \(NodeSpec.Availability.engineNames[availability])"
    case .processorTime(let missing): "\(Double(missing) / 1e9) CPUs are missing"
    case .memory(let missing): "\((missing + 1_048_575) / 1_048_576) MiB of memory are missing"
    case .generic(let kind, let missing): "\(missing) of \(kind) are missing"
    case .plugin(let type, let name): "there is no plugin \(type)/\(name)"
    case .constraint(let text, let actual): "\(text) doesn't hold: it has \(actual.map { "\"\($0)\"" } ?? "nothing like that")"
    case .platform(let platform): "its platform is \(platform.map { "\($0.os)/\($0.architecture)" } ?? "unknown")"
    case .hostPort(let port, let protocolKind): "port \(port)/\(PortConfig.ProtocolKind.engineNames[protocolKind]) is taken"
    case .maxReplicas(let limit): "it has \(limit) of the service's tasks, the most that it may have"
    case .affinity(let text?): "\(text) doesn't hold"
    case .affinity(nil): "a task there doesn't want this one beside it"
    }
  }
}

extension ChangePlan {
  /// The plan as the API has it.
  ///
  /// - Parameter hostnames: the names of the nodes.
  func apiValue(hostnames: [NodeID: String]) -> Engine.Plan {
    var plan = Engine.Plan()
    plan.steps = self.steps.map { step in
      var value = Engine.PlanStep()
      value.after = step.after.wholeNanoseconds
      value.service = step.service
      value.slot = step.slot == 0 ? nil : step.slot
      value.nodeID = step.node?.description
      value.hostname = step.node.flatMap { hostnames[$0] }
      (value.event, value.detail) = step.event.apiValue
      return value
    }
    plan.settled = self.isSettled
    plan.fewestRunning = self.fewestRunning.mapValues(Int64.init)
    return plan
  }
}

extension ChangePlan.Event {
  fileprivate var apiValue: (event: String, detail: String?) {
    switch self {
    case .assigned: ("assigned", nil)
    case .waits(let reason): ("waits", reason)
    case .runs: ("runs", nil)
    case .completes: ("completes", nil)
    case .stops: ("stops", nil)
    case .update(let state): ("update", UpdateStatus.State.engineNames[state])
    }
  }
}

extension SwarmNode.PlannedChange {
  /// Reads a change.
  ///
  /// - Parameter current: what is kept of a service that is updated.
  init(_ change: Engine.PlannedChange, current: (String) async throws -> Service) async throws {
    if let spec = change.create {
      self = .createService(try ServiceSpec(spec).named())
    } else if let update = change.update, let reference = update.service, let spec = update.spec {
      self = .updateService(reference, try ServiceSpec(spec).keepingUnspoken(of: try await current(reference).spec, in: spec))
    } else if let reference = change.rollback {
      self = .rollbackService(reference)
    } else if let reference = change.remove {
      self = .removeService(reference)
    } else {
      throw APIFailure.badRequest("a planned change needs one of Create, Update, Rollback and Remove")
    }
  }
}
