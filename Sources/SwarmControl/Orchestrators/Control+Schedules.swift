// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension Control {
  /// Begins the next run of a job whose moment has come, or waits for that.
  ///
  /// The moment follows from when the last run began, which is stored: a new leader comes to the same one, and a moment that went by without any
  /// leader is made up for once.
  mutating func reviewSchedule(of service: Service) {
    guard let schedule = service.spec.schedule, let status = service.jobStatus, !service.isStopped,
      let cron = try? CronSchedule(schedule.cron),
      let due = cron.next(after: status.lastExecution ?? service.meta.createdAt)
    else {
      self.timers.cancel(.schedule(service.id))
      return
    }
    guard due <= self.time else {
      // Not longer than this, because the wall clock may be set meanwhile.
      self.timers.set(.schedule(service.id), at: self.now + min(due - self.time, .seconds(60)))
      return
    }
    // When the last task has ended, the job is reviewed again.
    if schedule.ifRunning == .wait, self.isUnderWay(service) { return }
    self.plan.others.append(.runJob(service.id, iteration: status.jobIteration))
  }

  private func isUnderWay(_ job: Service) -> Bool {
    guard job.mayHaveTasks, let record = self.services[job.id] else { return false }
    if job.spec.mode.isGlobal {
      // Where a node has no room the run may never end.
      return record.slots.values.contains { slot in
        slot.occupancy == .runnable && !slot.tasks.contains { self.view.task($0)?.waitsForItsNode ?? false }
      }
    }
    if record.occupied > record.finished { return true }
    guard case .replicatedJob(let concurrent, let total) = job.spec.mode, concurrent > 0 else { return false }
    return record.occupied < Int(clamping: total)
  }
}

extension Service {
  /// Whether the service is meant to have tasks at all now.
  var mayHaveTasks: Bool {
    guard !self.isStopped else { return false }
    // A job with a schedule that never ran waits for its first moment.
    return self.spec.schedule == nil || self.jobStatus?.lastExecution != nil
  }
}
