// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension NodeRole {
  static let engineNames: EngineNames<Self> = ["worker": .worker, "manager": .manager]
}

extension NodeSpec.Availability {
  static let engineNames: EngineNames<Self> = ["active": .active, "pause": .pause, "drain": .drain]
}

extension NodeSpec.Membership {
  static let engineNames: EngineNames<Self> = ["accepted": .accepted, "pending": .pending]
}

extension NodeStatus.State {
  static let engineNames: EngineNames<Self> = [
    "unknown": .unknown, "down": .down, "ready": .ready, "disconnected": .disconnected,
  ]
}

extension Reachability {
  static let engineNames: EngineNames<Self> = [
    "unknown": .unknown, "unreachable": .unreachable, "reachable": .reachable,
  ]
}

extension TaskState {
  /// Docker calls the state in which resources are allocated "pending" as well.
  static let engineNames: EngineNames<Self> = [
    "new": .new, "pending": .pending, "assigned": .assigned, "accepted": .accepted, "preparing": .preparing, "ready": .ready,
    "starting": .starting, "running": .running, "complete": .complete, "shutdown": .shutdown, "failed": .failed,
    "rejected": .rejected, "remove": .remove, "orphaned": .orphaned,
  ]
}

extension UpdateConfig.FailureAction {
  static let engineNames: EngineNames<Self> = ["pause": .pause, "continue": .continue, "rollback": .rollback]
}

extension UpdateConfig.Order {
  static let engineNames: EngineNames<Self> = ["stop-first": .stopFirst, "start-first": .startFirst]
}

extension UpdateStatus.State {
  static let engineNames: EngineNames<Self> = [
    "updating": .updating, "paused": .paused, "completed": .completed, "rollback_started": .rollbackStarted,
    "rollback_paused": .rollbackPaused, "rollback_completed": .rollbackCompleted,
  ]
}

extension RestartPolicy.Condition {
  static let engineNames: EngineNames<Self> = ["none": .none, "on-failure": .onFailure, "any": .any]
}

extension EndpointSpec.ResolutionMode {
  static let engineNames: EngineNames<Self> = ["vip": .vip, "dnsrr": .dnsrr]
}

extension PortConfig.ProtocolKind {
  static let engineNames: EngineNames<Self> = ["tcp": .tcp, "udp": .udp, "sctp": .sctp]
}

extension PortConfig.PublishMode {
  static let engineNames: EngineNames<Self> = ["ingress": .ingress, "host": .host]
}

extension ContainerSpec.Isolation {
  static let engineNames: EngineNames<Self> = ["default": .default, "process": .process, "hyperv": .hyperv]
}

extension Mount.Kind {
  static let engineNames: EngineNames<Self> = [
    "bind": .bind, "volume": .volume, "tmpfs": .tmpfs, "npipe": .npipe, "cluster": .cluster,
  ]
}

extension Mount.Consistency {
  static let engineNames: EngineNames<Self> = [
    "default": .default, "consistent": .consistent, "cached": .cached, "delegated": .delegated,
  ]
}

extension Mount.Propagation {
  static let engineNames: EngineNames<Self> = [
    "rprivate": .rprivate, "private": .private, "rshared": .rshared, "shared": .shared, "rslave": .rslave, "slave": .slave,
  ]
}

extension Privileges.Mode {
  static let engineNames: EngineNames<Self> = ["default": .default, "unconfined": .unconfined, "custom": .custom]
}

extension Privileges.ProfileMode {
  static let engineNames: EngineNames<Self> = ["default": .default, "disabled": .disabled]
}

extension ServiceDependency.Condition {
  static let engineNames: EngineNames<Self> = ["healthy": .healthy, "started": .started, "completed": .completed]
}

extension JobSchedule.Overlap {
  static let engineNames: EngineNames<Self> = ["wait": .wait, "replace": .replace]
}

extension Placement.Strategy {
  static let engineNames: EngineNames<Self> = ["spread": .spread, "binpack": .binpack]
}
