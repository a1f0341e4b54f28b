// SPDX-License-Identifier: Apache-2.0

import DockerRuntime
import SwarmAgent
import SwarmModel
import Synchronization
import TestEngines
import TestTraits
import Testing

@Suite("images from a registry", .serialized, .takingTurns, .enabled(if: TestEngine.isThere, "\(TestEngine.reason)"))
struct PullTests {
  @Test("an image is fetched with the service's credentials, and told how far it is")
  func pull() async throws {
    try await FakeRegistry.with(content: "from the registry") { registry in
      let steps = PullSteps()
      try await TestNode.with({ configuration in configuration.onPull = { steps.add($0) } }) { node in
        let task = try shellTask(
          "",
          1,
          spec: { spec in
            spec.image = registry.image
            spec.args = []
            spec.pullOptions = ContainerSpec.PullOptions(registryAuth: registry.credentials(user: "me", password: "secret"))
          }
        )
        let controller = try await node.controller(task)
        try await controller.launch()
        _ = try await controller.wait()
        try await #expect(controller.output() == ["1:from the registry"])
        try await controller.remove()
        await node.engine.docker("rmi \(registry.image)")
      }
      #expect(steps.all.allSatisfy { $0.image == registry.image })
      #expect(steps.all.contains { $0.status == "Pull complete" && $0.layer.count == 12 })
      #expect(steps.all.contains { $0.status.hasPrefix("Digest: sha256:") })
      #expect(steps.all.contains { $0.status == "Extracting" && $0.current != nil && $0.total != nil })
    }
  }

  @Test("a registry that refuses the credentials is quoted")
  func refused() async throws {
    try await FakeRegistry.with(content: "x") { registry in
      try await TestNode.with { node in
        for credentials in ["", registry.credentials(user: "me", password: "wrong")] {
          let task = try shellTask(
            "",
            1,
            spec: { spec in
              spec.image = registry.image
              spec.pullOptions = ContainerSpec.PullOptions(registryAuth: credentials)
            }
          )
          let controller = try await node.controller(task)
          let error = await failure { try await controller.prepare() }
          #expect(error?.code == .notFound)
          #expect(error?.message.hasPrefix("No such image: \(registry.image): ") ?? false, "\(String(describing: error))")
        }
      }
    }
  }
}

/// What was told about a fetch.
final class PullSteps: Sendable {
  private let steps = Mutex<[PullProgress]>([])

  var all: [PullProgress] { self.steps.withLock(\.self) }

  func add(_ step: PullProgress) { self.steps.withLock { $0.append(step) } }
}
