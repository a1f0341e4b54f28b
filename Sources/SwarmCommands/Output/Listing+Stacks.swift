// SPDX-License-Identifier: Apache-2.0

internal import Compose
internal import EngineSchema

extension Listing {
  /// The rows of `stack ls`: the stacks that services belong to.
  init(stacksOf services: [Engine.Service]) {
    self.columns = [Column(name: "Name", heading: "NAME"), Column(name: "Services", heading: "SERVICES")]
    self.quietColumn = "Name"
    var counts: [String: Int] = [:]
    for stack in services.compactMap({ $0.spec?.labels?[Stack.namespaceLabel] }) { counts[stack, default: 0] += 1 }
    self.rows = counts.sorted { NaturalOrder.areInOrder($0.key, $1.key) }
      .map { ["Name": $0.key, "Services": String($0.value), "Orchestrator": "Swarm"] }
  }
}
