// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

@testable internal import SwarmControl

extension ControlHarness {
  /// The images of a service's running tasks, sorted.
  func images(_ service: ServiceID) -> [String] {
    self.running(service).map { $0.spec.value.container?.image ?? "" }.sorted()
  }
}

/// A swarm of three nodes with a running service.
func updating(
  _ config: UpdateConfig,
  replicas: UInt64 = 4,
  rollback: UpdateConfig? = nil
) -> (swarm: ControlHarness, service: ServiceID) {
  var swarm = ControlHarness()
  _ = swarm.addNodes(3)
  let service = swarm.create(replicas: replicas) {
    $0.update = config
    $0.rollback = rollback
  }
  return (swarm, service)
}

/// A change of a specification to another image.
func setImage(_ image: String) -> (inout ServiceSpec) -> Void {
  { $0.task.runtime = .container(ContainerSpec(image: image)) }
}
