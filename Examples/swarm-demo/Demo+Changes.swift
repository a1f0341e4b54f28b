// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import ProcessCluster

/// Changes that an operator makes: a new version, two tasks at a time, and a wish that no node can meet.
extension Demo {
  func updateInTurns() async throws {
    self.screen.headline("web gets version 2: two tasks at a time, the new one first")
    let updating = ContinuousClock.now
    try await self.api().update("web") { spec in
      spec.taskTemplate?.containerSpec?.image = "demo/web:2"
      spec.updateConfig = Engine.UpdateConfig()
      spec.updateConfig?.parallelism = 2
      spec.updateConfig?.delay = 200_000_000
      spec.updateConfig?.monitor = 200_000_000
      spec.updateConfig?.order = "start-first"
    }
    var fewest = 10
    try await self.step("10 of 10 tasks of web run version 2, the update is completed", since: updating) { view in
      fewest = min(fewest, view.running("web"))
      return view.running("web", image: "demo/web:2") == 10 && view.running("web") == 10
        && view.updateState(of: "web") == "completed"
    }
    self.screen.result("\(fewest) of 10 ran all the while", took: nil)
  }

  func explainWaiting() async throws {
    self.screen.headline("A service that wants a node with an SSD, and there is none")
    var picky = Self.service("picky", replicas: 1)
    picky.taskTemplate?.placement = Engine.Placement()
    picky.taskTemplate?.placement?.constraints = ["node.labels.disk==ssd"]
    let creating = ContinuousClock.now
    try await self.api().create(picky)
    try await self.step("its task waits", since: creating) { view in view.waiting("picky") == 1 }
    for explanation in try await self.api().explanations(of: "picky") {
      self.screen.result("\(explanation.fitting ?? 0) of \(explanation.nodes ?? 0) nodes could take it:", took: nil)
      for failures in explanation.failures ?? [] {
        self.screen.result("  \(failures.nodes ?? 0) don't meet its \(failures.filter ?? "")", took: nil)
      }
      for miss in explanation.nearest ?? [] {
        let name = self.names[miss.nodeID ?? ""] ?? miss.hostname ?? ""
        self.screen.result("  nearest is \(name): \((miss.obstacles ?? []).joined(separator: ", "))", took: nil)
      }
    }
    try await self.api().remove("picky")
  }
}
