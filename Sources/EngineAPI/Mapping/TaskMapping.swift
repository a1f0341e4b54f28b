// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension SwarmTask {
  var apiValue: Engine.Task {
    var task = Engine.Task()
    task.id = self.id.description
    task.version = self.meta.version.apiValue
    task.createdAt = self.meta.createdAt.apiValue
    task.updatedAt = self.meta.updatedAt.apiValue
    task.name = self.annotations.name.nonEmpty
    task.labels = self.annotations.labels
    task.spec = self.spec.value.apiValue
    task.serviceID = self.serviceID?.description
    task.slot = self.apiSlot.nonZero
    task.nodeID = self.nodeID?.description
    task.status = self.status.apiValue(of: self.id)
    task.desiredState = TaskState.engineNames[self.desiredState]
    task.jobIteration = self.jobIteration?.apiValue
    return task
  }

  /// Docker counts the slots of a replicated job from 0, those of a replicated service from 1; its client waits for a job's slots by number.
  var apiSlot: UInt64 {
    self.jobIteration == nil || self.slot == 0 ? self.slot : self.slot - 1
  }
}

extension TaskStatus {
  func apiValue(of task: TaskID) -> Engine.TaskStatus {
    var status = Engine.TaskStatus()
    status.timestamp = self.timestamp.apiValue
    status.state = TaskState.engineNames[self.state]
    status.message = self.message.nonEmpty
    status.err = self.err.nonEmpty
    status.containerStatus = self.container?.apiValue(of: task)
    var ports = Engine.PortStatus()
    ports.ports = self.portStatus?.ports.map(\.apiValue).nonEmpty
    status.portStatus = ports
    return status
  }
}

extension ContainerStatus {
  func apiValue(of task: TaskID) -> Engine.ContainerStatus {
    var status = Engine.ContainerStatus()
    status.containerID = task.containerID(self)
    status.pid = Int64(self.pid)
    status.exitCode = Int64(self.exitCode)
    return status
  }
}
