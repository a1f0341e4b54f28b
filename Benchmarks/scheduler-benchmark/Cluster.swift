// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// Nodes and services as the benchmark makes them.
enum Cluster {
  static func node(_ number: Int, _ id: NodeID) -> Node {
    Node(
      id: id,
      spec: NodeSpec(
        annotations: Annotations(labels: [
          "zone": "z\(number % 5)", "rack": "r\(number % 50)", "disk": number % 2 == 0 ? "ssd" : "hdd", "tier": "prod",
        ])
      ),
      description: NodeDescription(
        hostname: "node-\(number)",
        platform: Platform(architecture: "x86_64", os: "linux"),
        resources: Resources(nanoCPUs: 64_000_000_000, memoryBytes: 256 << 30)
      ),
      status: NodeStatus(state: .ready)
    )
  }

  /// A service with reservations of processor time and memory.
  static func service(_ name: String, _ id: ServiceID, replicas: Int, _ setting: Setting) -> Service {
    let constraints = ["node.labels.tier==prod", "node.role!=manager", "node.platform.os==linux"].prefix(setting.constraints)
    let labels = ["zone", "rack"].prefix(setting.preferences)
    let placement = Placement(
      constraints: Array(constraints),
      preferences: labels.map { PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.\($0)")) }
    )
    let spec = ServiceSpec(
      annotations: Annotations(name: name),
      task: TaskSpec(
        runtime: .container(ContainerSpec(image: "bench", command: ["sleep", "3600"])),
        resources: ResourceRequirements(reservations: Resources(nanoCPUs: 10_000_000, memoryBytes: 16 << 20)),
        placement: placement
      ),
      mode: .replicated(replicas: UInt64(replicas))
    )
    return Service(id: id, spec: spec, specVersion: Version(index: 1))
  }
}
