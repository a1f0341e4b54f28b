// SPDX-License-Identifier: Apache-2.0

import DockerRuntime
import Foundation
import Logging
import SwarmAgent
import SwarmModel
import TestEngines
import TestTraits
import Testing

@Suite(
  "ports and networks of containers, by an engine with a network",
  .serialized,
  .takingTurns,
  .timeLimit(.minutes(3)),
  .enabled(if: IsolatedEngine.reason.isEmpty, "\(IsolatedEngine.reason)")
)
struct NetworkTests {
  /// Runs `body` with the controller of a task that sleeps.
  private static func with(
    _ change: (inout SwarmTask) -> Void,
    _ body: @escaping @Sendable (IsolatedEngine, _ controller: any TaskController, _ container: String) async throws -> Void
  ) async throws {
    let task = try shellTask("exec sleep 1000", task: change)
    try await IsolatedEngine.with { engine in
      let node = NodeContext(nodeID: NodeID(), directory: "\(NSTemporaryDirectory())swarm-docker-tests-\(UUID())")
      let context = TaskContext(
        nodeID: node.nodeID,
        nodeHostname: "testnode",
        platform: Platform(),
        taskName: "web.1.\(task.id)",
        directory: node.directory(of: task.id)
      )
      let runtime = DockerRuntime(
        configuration: DockerRuntimeConfiguration(socketPath: engine.socketPath, pullPolicy: .missing),
        logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
      )
      try await runtime.open(node)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await runtime.run() }
        defer { group.cancelAll() }
        let controller = try await runtime.controller(for: task, context: context)
        try await body(engine, controller, context.taskName)
        try await controller.remove()
      }
    }
  }

  @Test("ports in host mode are told with the numbers that the engine opened, each once, until the container has ended")
  func ports() async throws {
    let change: (inout SwarmTask) -> Void = { task in
      task.endpoint = Endpoint(ports: [
        PortConfig(targetPort: 80, publishedPort: 18_080, publishMode: .host),
        PortConfig(protocol: .udp, targetPort: 53, publishMode: .host),
        PortConfig(targetPort: 81, publishedPort: 18_081),
      ])
    }
    try await Self.with(change) { _, controller, _ in
      try await controller.launch()
      let ports = try await controller.openPorts()
      let chosen = try #require(ports.first?.publishedPort)
      #expect(chosen > 0)
      #expect(
        ports == [
          PortConfig(protocol: .udp, targetPort: 53, publishedPort: chosen, publishMode: .host),
          PortConfig(targetPort: 80, publishedPort: 18_080, publishMode: .host),
        ]
      )
      try await controller.terminate()
      #expect(try await controller.openPorts().isEmpty)
    }
  }

  @Test("what attachments say to their networks' drivers reaches the engine")
  func driverOptions() async throws {
    let change: (inout SwarmTask) -> Void = { task in
      task.networks = ["front", "back"].map {
        NetworkAttachment(
          network: Network(spec: NetworkSpec(annotations: Annotations(name: $0))),
          aliases: ["web"],
          driverAttachmentOpts: ["option": $0]
        )
      }
    }
    try await Self.with(change) { engine, controller, container in
      for name in ["front", "back"] { try await engine.docker("network create \(name)") }
      try await controller.prepare()
      let template = "{{json .NetworkSettings.Networks.front.DriverOpts}} {{json .NetworkSettings.Networks.back.DriverOpts}}"
      let options = try await engine.docker("inspect --format '\(template)' \(container)")
      #expect(options == #"{"option":"front"} {"option":"back"}"#)
    }
  }
}
