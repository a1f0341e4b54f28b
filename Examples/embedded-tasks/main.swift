// SPDX-License-Identifier: Apache-2.0

import Foundation
import Logging
import Swarm
import SwarmAgent
import SwarmModel

// A whole swarm in one program: its tasks are Swift closures, chosen by image name.
let runtime = ClosureRuntime(images: [
  "greeter": { task in
    while true {
      print("hello from \(task.context.taskName)")
      try await Task.sleep(for: .milliseconds(300))
    }
  }
])
let directory = NSTemporaryDirectory() + "embedded-tasks-\(ProcessInfo.processInfo.processIdentifier)"
let configuration = SwarmNodeConfiguration(stateDirectory: directory, listenAddress: NetworkAddress(host: "127.0.0.1", port: 0))
let node = SwarmNode(configuration: configuration, runtime: runtime, logger: Logger(label: "swarm"))

try await withThrowingTaskGroup(of: Void.self) { group in
  group.addTask { try await node.run() }
  try await node.initialize()
  let service = try await node.services.create(ServiceSpec(name: "greeter", image: "greeter", replicas: 3))
  for await event in try node.events(since: .zero) {
    if case .task = event, try await node.services.statuses()[service.id]?.running == 3 { break }
  }
  try await Task.sleep(for: .seconds(1))
  print("three closures ran as tasks; leaving")
  try await node.leave(force: true)
  node.shutdown()
}
try? FileManager.default.removeItem(atPath: directory)
