// SPDX-License-Identifier: Apache-2.0

import Foundation
import ProcessRuntime
import SwarmAgent
import SwarmModel
import Testing

@Suite("Secrets and configs of process tasks")
struct TaskFileTests {
  private static let secret = Secret(
    id: SecretID(padded("secret")) ?? SecretID(),
    spec: SecretSpec(annotations: Annotations(name: "s"), data: Array("hunter2".utf8))
  )
  private static let config = Config(
    id: ConfigID(padded("config")) ?? ConfigID(),
    spec: ConfigSpec(
      annotations: Annotations(name: "c"),
      data: Array("name={{.Service.Name}} password={{secret \"tls/key\"}} mode={{env \"MODE\"}}".utf8),
      templating: Driver(name: "golang")
    )
  )

  private func task(_ script: String, secret: String = "tls/key", mode: UInt32 = 0o600) throws -> SwarmTask {
    try shellTask(script) { spec in
      spec.env = ["MODE=fast"]
      spec.secrets = [
        SecretReference(secretID: Self.secret.id, secretName: "s", file: FileTarget(name: secret, mode: mode))
      ]
      spec.configs = [
        ConfigReference(configID: Self.config.id, configName: "c", file: FileTarget(name: "app.conf", mode: 0o444))
      ]
    }
  }

  private func controller(_ task: SwarmTask, _ node: TestNode) async throws -> any TaskController {
    var context = node.context(for: task)
    context.secrets = [Self.secret]
    context.configs = [Self.config]
    return try await node.runtime.controller(for: task, context: context)
  }

  @Test("a task reads its secrets and configs from files with the mode asked for, templates filled in")
  func read() async throws {
    try await TestNode.with { node in
      let task = try self.task(
        "cat $SWARM_SECRETS/tls/key; echo; cat $SWARM_CONFIGS/app.conf; echo; stat -c %a $SWARM_SECRETS/tls/key $SWARM_CONFIGS/app.conf"
      )
      let controller = try await self.controller(task, node)
      try await controller.launch()
      _ = try await controller.wait()
      let lines = try await controller.output().map { $0.dropFirst(2).trimmingCharacters(in: .newlines) }
      #expect(lines == ["hunter2", "name=web password=hunter2 mode=fast", "600", "444"])
    }
  }

  @Test("files are gone when the task has ended, however it ended", arguments: ["exit 0", "sleep 1000"])
  func removed(script: String) async throws {
    try await TestNode.with { node in
      let task = try self.task(script)
      let controller = try await self.controller(task, node)
      try await controller.launch()
      let path = "\(node.context.directory(of: task.id))/secrets/tls/key"
      if script == "exit 0" {
        _ = try await controller.wait()
      } else {
        #expect(FileManager.default.contents(atPath: path) == Data("hunter2".utf8))
        try await controller.shutdown(grace: .zero)
      }
      #expect(!FileManager.default.fileExists(atPath: path))
      // Preparing again what has ended brings nothing back.
      try await controller.prepare()
      #expect(!FileManager.default.fileExists(atPath: path))
    }
  }

  @Test(
    "a target outside of the task's directory is refused",
    arguments: ["../x", "/etc/x", "a/../../x", "", "a//b", "./a", "a\u{0}b"]
  )
  func traversal(target: String) async throws {
    try await TestNode.with { node in
      let controller = try await self.controller(self.task("true", secret: target), node)
      let error = await #expect(throws: RuntimeError.self) { try await controller.prepare() }
      #expect(error?.code == .unsupported)
    }
  }

  @Test("a task whose secret didn't come with it is refused")
  func missing() async throws {
    try await TestNode.with { node in
      let controller = try await node.controller(self.task("true"))
      let error = await #expect(throws: RuntimeError.self) { try await controller.prepare() }
      #expect(error?.message == "secret s did not come with the task")
    }
  }
}
