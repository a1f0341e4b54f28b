// SPDX-License-Identifier: Apache-2.0

import Swarm
import SwarmControl
import SwarmModel
import TestEngines
import Testing

/// A line of shell that runs until it is told to end.
let forever = "trap 'exit 0' TERM; while :; do sleep 0.1; done"

extension SwarmNode {
  /// Lets an engine join this manager's swarm; returns its node's id when it is ready.
  func admit(_ engine: IsolatedEngine) async throws -> NodeID {
    let request = try await self.joinRequest(.worker)
    try await engine.docker("swarm join --token \(request.token) \(request.remoteAddresses[0])")
    let id = try #require(NodeID(await engine.docker("info --format '{{.Swarm.NodeID}}'")))
    try await self.wait { $0.node(id)?.status.state == .ready }
    return id
  }

  /// Changes a node's specification.
  func change(_ id: NodeID, _ body: (inout NodeSpec) -> Void) async throws {
    let node = try await self.nodes.get(id.description)
    var spec = node.spec
    body(&spec)
    try await self.nodes.update(id, version: node.meta.version.index, spec: spec)
  }

  /// Scales a replicated service.
  func scale(_ name: String, to replicas: UInt64) async throws {
    let service = try await self.services.get(name)
    var spec = service.spec
    spec.mode = .replicated(replicas: replicas)
    try await self.services.update(service.id, version: service.meta.version.index, spec: spec)
  }
}

extension Store {
  /// The tasks that run and are to run, on a node or, with `nil`, anywhere.
  func running(on node: NodeID? = nil) -> [SwarmTask] {
    self.tasks().filter {
      $0.status.state == .running && $0.desiredState == .running && (node == nil || $0.nodeID == node)
    }
  }
}

/// A service whose tasks run a line of shell on workers.
func service(
  _ name: String,
  _ mode: ServiceMode = .replicated(replicas: 1),
  _ script: String = forever,
  image: String = TestEngine.image,
  restart: RestartPolicy? = nil,
  _ change: (inout ContainerSpec) -> Void = { _ in }
) -> ServiceSpec {
  var container = ContainerSpec(image: image, command: ["sh", "-c", script])
  change(&container)
  return ServiceSpec(
    annotations: Annotations(name: name),
    task: TaskSpec(
      runtime: .container(container),
      restart: restart,
      placement: Placement(constraints: ["node.role==worker"])
    ),
    mode: mode
  )
}
