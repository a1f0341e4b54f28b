// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
internal import SwarmModel

extension Store {
  mutating func createTasks(
    of serviceID: ServiceID,
    specVersion: Version,
    desired: TaskState,
    _ tasks: [NewTask],
    _ application: inout Application
  ) throws(SwarmError) {
    guard let service = self.servicesByID[serviceID]?.value, let spec = self.taskSpecs[serviceID] else {
      throw Self.notFound("service", serviceID)
    }
    guard service.specVersion == specVersion else {
      throw SwarmError(
        code: .aborted,
        message: "the specification of service \(serviceID) changed before its tasks were created"
      )
    }
    var template = SwarmTask(
      spec: spec,
      serviceID: serviceID,
      serviceAnnotations: service.spec.annotations,
      desiredState: desired,
      endpoint: service.endpoint,
      logDriver: spec.value.logDriver ?? self.cluster?.spec.taskDefaults.logDriver,
      specVersion: specVersion,
      jobIteration: service.jobStatus?.jobIteration
    )
    for (item, task) in tasks.enumerated() {
      do throws(SwarmError) {
        guard self.tasksByID[task.id] == nil else {
          throw SwarmError(code: .alreadyExists, message: "task \(task.id) already exists")
        }
        if let node = task.node, task.err == nil {
          try self.checkTakesTasks(node)
          template.status = .assigned(at: application.time)
        } else {
          if let node = task.node, self.nodesByID[node] == nil { throw Self.notFound("node", node) }
          template.status = .pending(at: application.time, err: task.err ?? "")
        }
        template.id = task.id
        template.slot = task.slot
        template.nodeID = task.node
        template.assignedGenericResources = task.generic
        template.startAt = task.startAt
        self.put(template, replacing: nil, &application)
      } catch {
        application.reject(error, item: item)
      }
    }
  }

  mutating func assign(_ assignments: [TaskAssignment], _ application: inout Application) {
    for (item, assignment) in assignments.enumerated() {
      do throws(SwarmError) {
        let old = try self.pendingTask(assignment.task)
        guard old.value.desiredState <= .complete else {
          throw SwarmError(code: .aborted, message: "task \(assignment.task) is not to run any more")
        }
        if let node = old.value.nodeID, node != assignment.node {
          throw SwarmError(code: .aborted, message: "task \(assignment.task) is for node \(node)")
        }
        try self.checkTakesTasks(assignment.node)
        var task = old.value
        task.nodeID = assignment.node
        task.assignedGenericResources = assignment.generic
        task.status = .assigned(at: application.time)
        self.put(task, replacing: old, &application)
      } catch {
        application.reject(error, item: item)
      }
    }
  }

  mutating func setReasons(_ reasons: [PendingReason], _ application: inout Application) {
    for (item, reason) in reasons.enumerated() {
      do throws(SwarmError) {
        let old = try self.pendingTask(reason.task)
        guard old.value.status.err != reason.err else { continue }
        var task = old.value
        task.status = .pending(at: application.time, err: reason.err)
        self.put(task, replacing: old, &application)
      } catch {
        application.reject(error, item: item)
      }
    }
  }

  mutating func raise(_ states: [DesiredStateChange], _ application: inout Application) {
    for (item, change) in states.enumerated() {
      do throws(SwarmError) {
        let old = try self.existingTask(change.task)
        guard change.state >= old.value.desiredState else {
          throw SwarmError(
            code: .aborted,
            message: "task \(change.task) is already to be \(old.value.desiredState), not \(change.state)"
          )
        }
        guard change.state != old.value.desiredState else { continue }
        var task = old.value
        task.desiredState = change.state
        self.put(task, replacing: old, &application)
      } catch {
        application.reject(error, item: item)
      }
    }
  }

  mutating func observe(_ statuses: [TaskStatusChange], _ application: inout Application) {
    for (item, change) in statuses.enumerated() {
      do throws(SwarmError) {
        let old = try self.existingTask(change.task)
        if let node = change.node, node != old.value.nodeID {
          throw SwarmError(
            code: .permissionDenied,
            message: "task \(change.task) does not belong to node \(node)"
          )
        }
        guard change.status.state >= old.value.status.state else {
          throw SwarmError(
            code: .aborted,
            message: "task \(change.task) is already \(old.value.status.state), not \(change.status.state)"
          )
        }
        guard change.status != old.value.status else { continue }
        var task = old.value
        task.status = change.status
        self.put(task, replacing: old, &application)
      } catch {
        application.reject(error, item: item)
      }
    }
  }

  mutating func removeTasks(_ ids: [TaskID], _ application: inout Application) {
    for (item, id) in ids.enumerated() {
      do throws(SwarmError) {
        self.remove(try self.existingTask(id), &application)
      } catch {
        application.reject(error, item: item)
      }
    }
  }

  private func existingTask(_ id: TaskID) throws(SwarmError) -> Stored<SwarmTask> {
    guard let task = self.tasksByID[id] else { throw Self.notFound("task", id) }
    return task
  }

  private func pendingTask(_ id: TaskID) throws(SwarmError) -> Stored<SwarmTask> {
    let task = try self.existingTask(id)
    guard task.value.status.state <= .pending else {
      throw SwarmError(code: .aborted, message: "task \(id) is already \(task.value.status.state)")
    }
    return task
  }

  /// Refuses a node that can't get tasks now.
  private func checkTakesTasks(_ id: NodeID) throws(SwarmError) {
    guard self.tasksByNode[id]?.takesMore != true else { return }
    guard let node = self.nodesByID[id] else { throw Self.notFound("node", id) }
    let (availability, state) = (node.value.spec.availability, node.value.status.state)
    let reason = availability == .active ? "it is \(state)" : "its availability is \(availability)"
    throw SwarmError(code: .aborted, message: "node \(id) takes no tasks: \(reason)")
  }
}

extension Node {
  /// Whether tasks may be assigned to the node now.
  var takesTasks: Bool {
    self.spec.availability == .active && (self.status.state == .ready || self.status.state == .unknown)
  }
}

extension TaskStatus {
  // The sentences are those that docker's users know.

  fileprivate static func assigned(at time: Timestamp) -> Self {
    Self(timestamp: time, state: .assigned, message: "scheduler assigned task to node")
  }

  fileprivate static func pending(at time: Timestamp, err: String) -> Self {
    Self(timestamp: time, state: .pending, message: "pending task scheduling", err: err)
  }
}
