// SPDX-License-Identifier: Apache-2.0

internal import NIOCore

/// Runs a task's steps on an event loop: what a handshake waits for must not depend on how busy the threads of all other tasks are.
final class EventLoopTasks: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // The step holds its executor.
    self.eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
