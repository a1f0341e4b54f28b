// SPDX-License-Identifier: Apache-2.0

package import NIOCore

/// Runs tasks' steps on an event loop.
///
/// What a handshake waits for must not depend on how busy the threads of all other tasks are, and a step that follows another on the same loop costs no
/// switch between threads.
package final class EventLoopTasks: TaskExecutor {
  private let eventLoop: any EventLoop

  package init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  package func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    // The step holds its executor.
    self.eventLoop.execute { unsafe job.runSynchronously(on: self.asUnownedTaskExecutor()) }
  }
}
