// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

// What fewer services ask for.
extension ServiceSpec {
  /// Adds some of what services may ask for beside processors, memory and zones.
  mutating func drawWishes(_ store: Store, _ random: inout SeededStream) {
    if random.perMille(200) { self.reserveThings(random.within(1...2)) }
    self.drawDistribution(&random)
    self.drawPlugin(&random)
    let others = store.services().map(\.spec.annotations.name).filter { $0 != self.annotations.name }
    if !others.isEmpty, random.perMille(150) {
      let comparison = random.one(of: ["==", "!=", "!="])
      self.task.placement?.constraints.append("service.name\(comparison)\(random.one(of: others))")
    }
    if !others.isEmpty, random.perMille(150) {
      let condition = random.one(of: [ServiceDependency.Condition.healthy, .healthy, .started, .completed])
      self.dependencies = [ServiceDependency(service: random.one(of: others), condition: condition)]
    }
    guard self.mode.isJob, random.perMille(400) else { return }
    self.schedule = JobSchedule(cron: "* * * * *", ifRunning: random.one(of: [.wait, .replace]))
  }

  /// Reserves things of a kind that hosts name.
  mutating func reserveThings(_ count: Int) {
    var reservations = self.task.resources?.reservations ?? Resources()
    reservations.generic = [.discrete(kind: "gpu", value: Int64(count))]
    self.task.resources = ResourceRequirements(reservations: reservations)
  }

  /// Draws how tasks are distributed over the nodes that will do.
  mutating func drawDistribution(_ random: inout SeededStream) {
    var placement = self.task.placement ?? Placement()
    if random.perMille(200) {
      placement.preferences = [PlacementPreference(spread: SpreadOver(spreadDescriptor: "node.labels.rack"))]
    }
    if random.perMille(200) { placement.strategy = .binpack }
    self.task.placement = placement
  }

  private mutating func drawPlugin(_ random: inout SeededStream) {
    guard random.perMille(120) else { return }
    if random.perMille(500) {
      self.task.logDriver = Driver(name: "fluentd")
    } else if var container = self.task.container {
      let options = Mount.VolumeOptions(driverConfig: Driver(name: "nfs"))
      container.mounts = [Mount(type: .volume, source: "data", target: "/data", volumeOptions: options)]
      self.task.runtime = .container(container)
    }
  }
}
