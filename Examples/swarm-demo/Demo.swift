// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import Foundation
internal import ProcessCluster

/// The story: a swarm grows, runs services, loses a worker, loses its leader, and goes on.
final class Demo {
  let keepsRunning: Bool
  private static let stepLimit: Duration = .seconds(15)
  private static let patience: Duration = .milliseconds(50)

  var screen = Screen()
  var nodes: [NodeProcess] = []
  let directory = "\(NSTemporaryDirectory())swarm-demo-\(getpid())"

  init(keepsRunning: Bool) {
    self.keepsRunning = keepsRunning
  }

  /// Tells the story; 0 when every step was true, else 1.
  func run() async -> Int32 {
    var code: Int32 = 0
    do {
      try await self.story()
    } catch {
      self.screen.headline("This step isn't true: \(error)")
      code = 1
    }
    if self.keepsRunning, code == 0 {
      self.explainKeeping()
      return 0
    }
    return await self.cleanUp() ? code : 1
  }

  private func story() async throws {
    self.screen.headline("Three managers and two workers start")
    try await self.start(.manager, "manager1")
    try await self.start(.manager, "manager2")
    try await self.start(.manager, "manager3")
    try await self.start(.worker, "worker1")
    try await self.start(.worker, "worker2")
    try await self.step("all five nodes are ready, one manager leads") { view in
      view.nodes.filter { $0.status?.state == "ready" }.count == 5 && view.leader != nil
        && view.nodes.filter { $0.managerStatus?.reachability == "reachable" }.count == 3
    }

    self.screen.headline("A replicated service: six processes, spread over the nodes")
    let writing = ContinuousClock.now
    try await self.api().create(Self.service("web", replicas: 6))
    try await self.step("6 of 6 tasks of web run", since: writing) { $0.running("web") == 6 }

    self.screen.headline("A global service: one process on every node")
    let global = ContinuousClock.now
    try await self.api().create(Self.service("agent", replicas: nil))
    try await self.step("5 of 5 tasks of agent run", since: global) { $0.running("agent") == 5 }

    self.screen.headline("Scaling web to ten")
    let scaling = ContinuousClock.now
    try await self.api().scale("web", to: 10)
    try await self.step("10 of 10 tasks of web run", since: scaling) { $0.running("web") == 10 }
    try await self.showPlacement()

    try await self.updateInTurns()
    try await self.explainWaiting()

    self.screen.headline("worker2 is killed (SIGKILL)")
    let killing = ContinuousClock.now
    try await self.node("worker2").killAtOnce()
    try await self.step("its tasks run elsewhere: 10 of 10", since: killing) { view in
      view.running("web", exceptOn: self.node("worker2").nodeID) == 10
    }
    try await self.showPlacement()

    try await self.loseLeader()
    try await self.step("11 of 11 tasks of web run") { view in
      let gone = self.nodes.filter(\.hasEnded).map(\.nodeID)
      return view.tasks.filter { view.isRunning($0, of: "web") && !gone.contains($0.nodeID ?? "") }.count == 11
    }
    try await self.showPlacement()
  }

  private func loseLeader() async throws {
    guard let leaderID = try await self.view().leader, let leader = self.nodes.first(where: { $0.nodeID == leaderID }) else {
      throw NodeFailure("no manager leads")
    }
    self.screen.headline("\(leader.name), the leader, is killed (SIGKILL)")
    let killing = ContinuousClock.now
    try await leader.killAtOnce()
    // One write, sent to a survivor at once; it goes through as soon as the others agree on a new leader.
    try await self.retrying { try await self.api().scale("web", to: 11) }
    self.screen.result("the next write went through: web scaled to 11", took: ContinuousClock.now - killing)
  }

  private func start(_ kind: NodeProcess.Kind, _ name: String) async throws {
    let began = ContinuousClock.now
    let node = try await NodeProcess.start(
      NodeProcess.Launch(
        executable: "/proc/self/exe",
        kind: kind,
        name: name,
        directory: "\(self.directory)/\(name)",
        seed: self.nodes.first?.seed(for: kind)
      )
    )
    self.nodes.append(node)
    self.screen.result("\(name) is ready at \(node.address)", took: ContinuousClock.now - began)
  }

  /// Waits until the swarm looks as it should, shows it meanwhile, and says how long it took.
  func step(
    _ text: String,
    since began: ContinuousClock.Instant = .now,
    _ isTrue: (SwarmView) -> Bool
  ) async throws {
    while true {
      // A manager that has no leader at this moment refuses; that is part of the story, not its end.
      if let view = try? await self.view() {
        if isTrue(view) { break }
        self.screen.live(view.table(names: self.names))
      }
      guard ContinuousClock.now - began < Self.stepLimit else { throw NodeFailure("\(text) (not within 15 s)") }
      try await Task.sleep(for: Self.patience)
    }
    self.screen.result(text, took: ContinuousClock.now - began)
  }

  private func retrying(_ body: () async throws -> Void) async throws {
    let began = ContinuousClock.now
    while true {
      do {
        return try await body()
      } catch  where ContinuousClock.now - began < Self.stepLimit {
        try await Task.sleep(for: Self.patience)
      }
    }
  }

  private func showPlacement() async throws {
    self.screen.table(try await self.view().table(names: self.names))
  }

  var names: [String: String] {
    Dictionary(self.nodes.map { ($0.nodeID, $0.name) }, uniquingKeysWith: { first, _ in first })
  }

  private func node(_ name: String) -> NodeProcess {
    guard let node = self.nodes.first(where: { $0.name == name }) else { preconditionFailure("\(name) was never started") }
    return node
  }

  func api() throws -> ManagerAPI {
    guard let manager = self.nodes.last(where: { $0.kind == .manager && !$0.hasEnded }) else {
      throw NodeFailure("no manager is left")
    }
    return ManagerAPI(manager)
  }

  private func view() async throws -> SwarmView {
    let api = try self.api()
    async let nodes = api.nodes()
    async let services = api.services()
    async let tasks = api.tasks()
    return try await SwarmView(nodes: nodes, services: services, tasks: tasks)
  }

  static func service(_ name: String, replicas: UInt64?) -> Engine.ServiceSpec {
    var container = Engine.ContainerSpec()
    container.image = "demo/\(name)"
    container.args = ["sh", "-c", "while :; do echo $SWARM_TASK_ID is alive; sleep 1; done"]
    container.stopGracePeriod = 1_000_000_000
    var spec = Engine.ServiceSpec()
    spec.name = name
    spec.taskTemplate = Engine.TaskTemplate()
    spec.taskTemplate?.containerSpec = container
    spec.mode = Engine.ServiceMode()
    if let replicas {
      spec.mode?.replicated = Engine.Replicated()
      spec.mode?.replicated?.replicas = replicas
    } else {
      spec.mode?.global = Engine.Empty()
    }
    return spec
  }
}
