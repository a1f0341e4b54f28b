// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import ProcessCluster

/// Three managers of one swarm, any of which may be dead at the moment.
actor Managers {
  private let playground: Playground
  private var nodes: [NodeProcess?]
  private var launches: [NodeProcess.Launch]
  private var creates: UInt64 = 0
  private var waiting: [(creates: UInt64, continuation: CheckedContinuation<Void, Never>)] = []
  /// Whether no more managers are going to be killed.
  private(set) var isFinished = false

  static func start(in playground: Playground) async throws -> Managers {
    let flags = ["--runtime", "none"]
    let first = try await NodeProcess.start(playground.launch(.manager, "m1", flags: flags))
    var nodes = [first]
    for name in ["m2", "m3"] {
      nodes.append(try await NodeProcess.start(playground.launch(.manager, name, seed: first.seed(for: .manager), flags: flags)))
    }
    return Managers(playground: playground, nodes: nodes)
  }

  private init(playground: Playground, nodes: [NodeProcess]) {
    self.playground = playground
    self.nodes = nodes
    // A restarted node finds its address in its state directory.
    self.launches = nodes.map { node in
      var launch = node.launch
      launch.seed = nil
      return launch
    }
  }

  /// Kills a manager after so many further creates, and starts it again.
  func restart(_ index: Int, afterCreates count: UInt64) async throws {
    let goal = self.creates + count
    await withCheckedContinuation { self.waiting.append((goal, $0)) }
    guard self.creates < .max, let node = self.nodes[index] else { return }
    self.nodes[index] = nil
    try await node.killAtOnce()
    self.nodes[index] = try await NodeProcess.start(self.launches[index])
  }

  /// Creates a service through any manager, again and again until one says that it is there.
  func create(_ name: String) async throws {
    var spec = Engine.ServiceSpec()
    spec.name = name
    spec.taskTemplate = Engine.TaskTemplate()
    spec.taskTemplate?.containerSpec = Engine.ContainerSpec()
    spec.taskTemplate?.containerSpec?.image = "test"
    spec.mode = Engine.ServiceMode()
    spec.mode?.replicated = Engine.Replicated()
    spec.mode?.replicated?.replicas = 0
    do {
      try await self.retrying { [spec] api in
        do {
          try await api.create(spec)
        } catch let failure as NodeFailure where failure.status == 409 {
          // An attempt whose answer got lost had gone through.
        }
      }
    } catch {
      self.creates = .max
      self.wakeWaiting()
      throw error
    }
    self.creates += 1
    self.wakeWaiting()
  }

  private func wakeWaiting() {
    let due = self.waiting.filter { $0.creates <= self.creates }
    self.waiting.removeAll { $0.creates <= self.creates }
    for waiter in due { waiter.continuation.resume() }
  }

  /// Asks one manager after the other until one answers.
  func retrying<Answer: Sendable>(_ body: @Sendable (ManagerAPI) async throws -> Answer) async throws -> Answer {
    var failure: any Error = NodeFailure("no manager is left")
    for _ in 0..<200 {
      for node in self.nodes.compactMap(\.self) {
        do {
          return try await body(ManagerAPI(node))
        } catch {
          failure = error
        }
      }
      await Task.yield()
    }
    throw failure
  }

  func finish() {
    self.isFinished = true
  }

  func stop() async {
    for node in self.nodes.compactMap(\.self) { _ = try? await node.terminate() }
  }
}
