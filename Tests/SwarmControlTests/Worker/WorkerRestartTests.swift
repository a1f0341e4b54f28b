// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("Worker: restarts of the agent")
struct WorkerRestartTests {
  let id = WorkerHarness.taskID(1)

  @Test("57: a running task is adopted at once and never started again")
  func adoption() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task()])
    harness.run(self.id)
    harness = harness.restarted()
    #expect(harness.verbs(self.id) == [.create])
    harness.end(.create, of: self.id)
    #expect(harness.verbs(self.id) == [.wait])
    #expect(harness.state(self.id) == .running)
  }

  @Test("what ended while the agent was away is reported as it ended")
  func endedMeanwhile() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task()])
    harness.run(self.id)
    harness = harness.restarted()
    harness.end(.create, of: self.id)
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 4, time: .zero)))
    harness.open([WorkerHarness.task()])
    #expect(harness.reports.flatMap(\.updates).map(\.status.err) == ["task: non-zero exit (4)"])
  }

  @Test("a task that nobody can tell of is made sure to be gone, and FAILED")
  func lost() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task()])
    harness.run(self.id)
    harness = harness.restarted()
    harness.end(.create, of: self.id)
    harness.end(.wait, of: self.id, .failed("the machine was restarted"))
    #expect(harness.verbs(self.id) == [.terminate])
    harness.end(.terminate, of: self.id)
    #expect(harness.status(self.id).state == .failed)
    #expect(harness.status(self.id).err == "the machine was restarted")
  }

  @Test("what hadn't started waits for a manager to ask for it again", arguments: 0...2)
  func unstarted(steps: Int) {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task()])
    if steps > 0 { harness.end(.create, of: self.id) }
    if steps > 1 { harness.end(.prepare, of: self.id) }
    harness = harness.restarted()
    #expect(harness.operations.isEmpty)
    harness.open([WorkerHarness.task()])
    #expect(harness.verbs(self.id) == [.create])
    harness.end(.create, of: self.id)
    #expect(harness.verbs(self.id) == [steps > 1 ? .start : .prepare])
  }

  @Test("a restored task that managers no longer know is discarded")
  func unknownNow() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(desired: .ready)])
    harness.end(.create, of: self.id)
    harness.end(.prepare, of: self.id)
    harness = harness.restarted()
    #expect(harness.state(self.id) == .ready)
    harness.open([])
    #expect(harness.verbs(self.id) == [.discard])
    harness.end(.discard, of: self.id)
    #expect(harness.disk.isEmpty)
  }

  @Test("a shutdown goes on after a restart without a manager")
  func shutdownGoesOn() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task()])
    harness.run(self.id)
    harness.update(WorkerHarness.task(desired: .shutdown))
    harness = harness.restarted()
    harness.end(.create, of: self.id)
    #expect(harness.verbs(self.id) == [.wait, .shutdown(grace: .seconds(10))])
  }

  @Test("a task that a manager saw running but this node has no record of is waited for, not started")
  func lostRecords() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(state: .running)])
    harness.end(.create, of: self.id)
    #expect(harness.verbs(self.id) == [.wait])
  }

  @Test("stopping the node ends everything and starts nothing more")
  func stopAll() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(1), WorkerHarness.task(2, desired: .ready)])
    harness.run(self.id)
    harness.handle(.stopAll)
    harness.handle(.sessionClosed)
    let second = WorkerHarness.taskID(2)
    harness.end(.create, of: second, .cancelled)
    #expect(harness.state(second) == .shutdown)
    #expect(harness.verbs(self.id) == [.wait, .shutdown(grace: .seconds(10))])
    #expect(!harness.worker.isQuiet)
    harness.end(.shutdown(grace: .seconds(10)), of: self.id)
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 0, time: .zero)))
    #expect(harness.worker.isQuiet)
    harness.open([WorkerHarness.task(1), WorkerHarness.task(2, desired: .ready), WorkerHarness.task(3)])
    #expect(harness.operations.isEmpty)
  }
}
