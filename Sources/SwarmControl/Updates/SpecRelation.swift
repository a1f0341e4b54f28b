// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// How the specification that a task follows differs from its service's current one.
enum SpecRelation: Sendable, Hashable {
  /// In nothing that concerns tasks.
  case same
  /// In the placement only: a task stays as long as its node still fits.
  case placementOnly
  /// The task has to be replaced.
  case different

  init(of task: SwarmTask, to service: Service) {
    let portsDiffer =
      HostPort.of(task.publishedPorts) != HostPort.of(service.publishedPorts)
    var own = task.spec.value
    let wanted = service.spec.task
    if own == wanted, !portsDiffer {
      self = .same
      return
    }
    own.placement = wanted.placement
    self = own == wanted && !portsDiffer ? .placementOnly : .different
  }
}

extension Service {
  /// The ports that tasks made now would publish.
  var publishedPorts: [PortConfig] {
    guard let endpoint = self.endpoint, endpoint.spec == self.spec.endpoint, !endpoint.ports.isEmpty else {
      return self.spec.endpoint?.ports ?? []
    }
    return endpoint.ports
  }
}
