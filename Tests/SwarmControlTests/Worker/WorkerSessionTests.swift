// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("Worker: assignments and reports")
struct WorkerSessionTests {
  let first = WorkerHarness.taskID(1)
  let second = WorkerHarness.taskID(2)

  @Test("58: a complete message shuts down and removes what it doesn't list")
  func complete() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(1), WorkerHarness.task(2)])
    harness.run(self.first)
    harness.complete([WorkerHarness.task(2)])
    #expect(harness.verbs(self.first) == [.wait, .shutdown(grace: .seconds(10))])
    #expect(harness.verbs(self.second) == [.create])
  }

  @Test("an incremental message changes only what it lists")
  func incremental() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(1)])
    harness.update(WorkerHarness.task(2))
    #expect(harness.verbs(self.first) == [.create])
    #expect(harness.verbs(self.second) == [.create])
  }

  @Test("a gap in the chain changes nothing and ends the session")
  func gap() {
    var harness = WorkerHarness()
    harness.open([])
    harness.set += 1
    harness.update(WorkerHarness.task(1))
    #expect(harness.worker.task(self.first) == nil)
    #expect(harness.sessionFailure?.code == .aborted)
    harness.set -= 2
    harness.update(WorkerHarness.task(1))
    #expect(harness.worker.task(self.first) == nil, "the session is over")
    harness.open([WorkerHarness.task(1)])
    #expect(harness.state(self.first) == .preparing)
  }

  @Test("a stream that begins with an incremental message ends the session")
  func incrementalFirst() {
    var harness = WorkerHarness()
    harness.handle(.sessionOpened)
    harness.update(WorkerHarness.task(1))
    #expect(harness.sessionFailure != nil)
  }

  @Test("a complete message replaces secrets, which come before tasks whatever the order")
  func secrets() {
    var harness = WorkerHarness()
    let secret = Secret(id: WorkerHarness.makeID("p"), spec: SecretSpec(data: [1]))
    var task = WorkerHarness.task(1)
    task.spec = TaskSpecBox(TaskSpec(runtime: .container(ContainerSpec(secrets: [SecretReference(secretID: secret.id)]))))
    harness.open([])
    harness.change([
      AssignmentChange(action: .update, object: .task(task)),
      AssignmentChange(action: .update, object: .secret(secret)),
    ])
    #expect(harness.worker.secrets(of: task).map(\.spec.data) == [[1]])
    harness.complete([task])
    #expect(harness.worker.secrets(of: task).isEmpty)
  }

  @Test("statuses of one turn go together, and one report is in flight at a time")
  func reports() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(1), WorkerHarness.task(2)])
    #expect(harness.reports.count == 1)
    #expect(harness.reports[0].updates.map(\.task) == [self.first, self.second])
    harness.run(self.first)
    harness.run(self.second)
    #expect(harness.reports.count == 1)
    harness.handle(.reported(harness.reports[0].number))
    #expect(harness.reports.count == 2)
    #expect(harness.reports[1].updates.map(\.status.state) == [.running, .running])
    harness.handle(.reported(harness.reports[1].number))
    #expect(harness.reports.count == 2)
  }

  @Test("every known status is reported again with each new session")
  func reportedAgain() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(1), WorkerHarness.task(2)])
    harness.run(self.first)
    let lost = harness.reports[0].number
    harness.handle(.sessionClosed)
    harness.handle(.sessionOpened)
    #expect(harness.reports.count == 2)
    #expect(harness.reports[1].updates.map(\.status.state) == [.running, .preparing])
    harness.handle(.reported(lost))
    harness.run(self.second)
    #expect(harness.reports.count == 2, "an answer to a report of the lost session counts for nothing")
  }

  @Test("a large node reports in pieces")
  func pieces() {
    var harness = WorkerHarness()
    let count = Worker.reportLimit + 1
    harness.open((1...UInt64(count)).map { WorkerHarness.task($0) })
    #expect(harness.reports.map(\.updates.count) == [Worker.reportLimit])
    harness.handle(.reported(harness.reports[0].number))
    #expect(harness.reports.map(\.updates.count) == [Worker.reportLimit, 1])
  }

  @Test("tasks go on while no session is open, and nothing is reported")
  func withoutSession() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(1)])
    harness.handle(.sessionClosed)
    harness.run(self.first)
    #expect(harness.state(self.first) == .running)
    #expect(harness.reports.count == 1)
  }
}
