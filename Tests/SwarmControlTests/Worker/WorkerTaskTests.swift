// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel
internal import Testing

@Suite("Worker: the life of a task")
struct WorkerTaskTests {
  let id = WorkerHarness.taskID(1)
  let task = WorkerHarness.task()

  func running() -> WorkerHarness {
    var harness = WorkerHarness()
    harness.open([self.task])
    harness.run(self.id)
    return harness
  }

  @Test("a task goes from accepted to running through create, prepare and start")
  func toRunning() {
    var harness = WorkerHarness()
    harness.open([self.task])
    #expect(harness.state(self.id) == .preparing)
    #expect(harness.verbs(self.id) == [.create])
    harness.end(.create, of: self.id)
    #expect(harness.verbs(self.id) == [.prepare])
    harness.end(.prepare, of: self.id)
    #expect(harness.state(self.id) == .starting)
    #expect(harness.verbs(self.id) == [.start])
    harness.end(.start, of: self.id, .started(ContainerStatus(containerID: "c", pid: 7)))
    #expect(harness.status(self.id).state == .running)
    #expect(harness.status(self.id).container?.pid == 7)
    #expect(harness.verbs(self.id) == [.wait])
  }

  @Test("the ports that a task has open are told with its start, are still known to a restarted agent, and are closed at its end")
  func ports() {
    let ports = [PortConfig(targetPort: 80, publishedPort: 32_768, publishMode: .host)]
    var harness = WorkerHarness()
    harness.open([self.task])
    harness.end(.create, of: self.id)
    harness.end(.prepare, of: self.id)
    harness.end(.start, of: self.id, .started(ContainerStatus(containerID: "c"), ports: ports))
    #expect(harness.status(self.id).portStatus == PortStatus(ports: ports))
    harness = harness.restarted()
    #expect(harness.status(self.id).portStatus == PortStatus(ports: ports))
    harness.open([self.task])
    harness.end(.create, of: self.id)
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 0, time: .zero)))
    #expect(harness.state(self.id) == .complete)
    #expect(harness.status(self.id).portStatus == nil)
  }

  @Test("a task is on disk before it is started, and not earlier")
  func recordsComeFirst() {
    var harness = WorkerHarness()
    harness.handle(.sessionOpened)
    let message = AssignmentsMessage(
      kind: .complete,
      appliesTo: "",
      resultsIn: "1",
      changes: [AssignmentChange(action: .update, object: .task(self.task))]
    )
    harness.worker.handle(.assignments(message), now: .zero, time: .zero)
    let first = harness.turn()
    #expect(first.records.isEmpty)
    #expect(first.operations.map(\.verb) == [.create])
    harness.end(.create, of: self.id)
    harness.worker.handle(.ended(self.id, .prepare, .done), now: .zero, time: .zero)
    let second = harness.turn()
    #expect(second.records.map(\.task.status.state) == [.starting])
    #expect(second.operations.map(\.verb) == [.start])
  }

  @Test("59: desired READY prepares and holds; desired RUNNING starts")
  func readyHolds() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(desired: .ready)])
    harness.end(.create, of: self.id)
    harness.end(.prepare, of: self.id)
    #expect(harness.state(self.id) == .ready)
    #expect(harness.operations.isEmpty)
    harness.update(WorkerHarness.task(desired: .running))
    #expect(harness.verbs(self.id) == [.start])
  }

  @Test("59: a task that is to be shut down before it started never starts", arguments: 0...2)
  func neverStarts(steps: Int) {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(desired: .ready)])
    if steps > 0 { harness.end(.create, of: self.id) }
    if steps > 1 { harness.end(.prepare, of: self.id) }
    harness.update(WorkerHarness.task(desired: .shutdown))
    for verb in harness.verbs(self.id) { harness.end(verb, of: self.id, .cancelled) }
    #expect(harness.state(self.id) == .shutdown)
    #expect(harness.operations.isEmpty)
  }

  @Test("a task that was assigned to be shut down is SHUTDOWN without any operation")
  func assignedToStop() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(desired: .shutdown)])
    #expect(harness.state(self.id) == .shutdown)
    #expect(harness.operations.isEmpty)
    harness.remove(self.id)
    #expect(harness.worker.task(self.id) == nil)
    #expect(harness.disk.isEmpty)
  }

  @Test("preparing is cancelled when the task is no longer wanted")
  func prepareIsCancelled() {
    var harness = WorkerHarness()
    harness.open([self.task])
    harness.end(.create, of: self.id)
    harness.update(WorkerHarness.task(desired: .shutdown))
    #expect(harness.cancellations == [.init(task: self.id)])
    #expect(harness.state(self.id) == .preparing)
    harness.end(.prepare, of: self.id, .done)
    #expect(harness.state(self.id) == .shutdown)
    #expect(harness.operations.isEmpty)
  }

  @Test("a failure before STARTING is REJECTED with the runtime's words", arguments: [0, 1])
  func rejected(steps: Int) {
    var harness = WorkerHarness()
    harness.open([self.task])
    if steps > 0 { harness.end(.create, of: self.id) }
    for verb in harness.verbs(self.id) { harness.end(verb, of: self.id, .failed("No such image: nix")) }
    #expect(harness.status(self.id).state == .rejected)
    #expect(harness.status(self.id).err == "No such image: nix")
    #expect(harness.disk[self.id]?.task.status.state == .rejected)
  }

  @Test("a failed start is ended first and FAILED then")
  func failedStart() {
    var harness = WorkerHarness()
    harness.open([self.task])
    harness.end(.create, of: self.id)
    harness.end(.prepare, of: self.id)
    harness.end(.start, of: self.id, .failed("exec: no such file"))
    #expect(harness.state(self.id) == .starting)
    #expect(harness.verbs(self.id) == [.terminate])
    harness.end(.terminate, of: self.id)
    #expect(harness.status(self.id).state == .failed)
    #expect(harness.status(self.id).err == "exec: no such file")
  }

  @Test("exit code 0 is COMPLETE, another one FAILED with docker's words")
  func exitCodes() {
    var harness = self.running()
    var other = harness
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 0, time: .zero)))
    #expect(harness.status(self.id).state == .complete)
    #expect(harness.status(self.id).err.isEmpty)
    other.end(.wait, of: self.id, .exited(TaskExit(code: 3, time: .zero)))
    #expect(other.status(self.id).state == .failed)
    #expect(other.status(self.id).err == "task: non-zero exit (3)")
    #expect(other.status(self.id).container?.exitCode == 3)
  }

  @Test("desired SHUTDOWN asks with the spec's grace period, and any exit code is SHUTDOWN then")
  func shutdown() {
    var harness = WorkerHarness()
    harness.open([WorkerHarness.task(grace: .seconds(3))])
    harness.run(self.id)
    harness.update(WorkerHarness.task(desired: .shutdown, grace: .seconds(3)))
    #expect(harness.verbs(self.id) == [.wait, .shutdown(grace: .seconds(3))])
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 143, time: .zero)))
    #expect(harness.state(self.id) == .running)
    harness.end(.shutdown(grace: .seconds(3)), of: self.id)
    #expect(harness.status(self.id).state == .shutdown)
    #expect(harness.status(self.id).container?.exitCode == 143)
    #expect(harness.status(self.id).err.isEmpty)
  }

  @Test("a task that can't be shut down is terminated")
  func terminated() {
    var harness = self.running()
    harness.update(WorkerHarness.task(desired: .shutdown))
    harness.end(.shutdown(grace: .seconds(10)), of: self.id, .failed("stuck"))
    #expect(harness.verbs(self.id) == [.wait, .terminate])
    harness.end(.terminate, of: self.id)
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 137, time: .zero)))
    #expect(harness.state(self.id) == .shutdown)
  }

  @Test("a temporary error is tried again after one second")
  func temporaryErrors() {
    var harness = WorkerHarness()
    harness.open([self.task])
    harness.end(.create, of: self.id)
    harness.end(.prepare, of: self.id, .temporary("registry unreachable"))
    #expect(harness.status(self.id).state == .preparing)
    #expect(harness.status(self.id).err == "registry unreachable")
    #expect(harness.operations.isEmpty)
    #expect(harness.nextWake == .seconds(1))
    harness.now = .milliseconds(999)
    harness.handle(.wake)
    #expect(harness.operations.isEmpty)
    harness.now = .seconds(1)
    harness.handle(.wake)
    #expect(harness.verbs(self.id) == [.prepare])
    harness.end(.prepare, of: self.id)
    #expect(harness.status(self.id).err.isEmpty)
  }

  @Test("a terminal task is kept until managers forget it, and removed then")
  func removal() {
    var harness = self.running()
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 1, time: .zero)))
    harness.update(WorkerHarness.task(desired: .shutdown))
    #expect(harness.operations.isEmpty)
    #expect(harness.disk[self.id]?.task.status.state == .failed)
    harness.remove(self.id)
    #expect(harness.verbs(self.id) == [.remove])
    harness.end(.remove, of: self.id)
    #expect(harness.worker.task(self.id) == nil)
    #expect(harness.disk.isEmpty)
  }

  @Test("a running task that is taken away is shut down before it is removed")
  func removalOfRunning() {
    var harness = self.running()
    harness.remove(self.id)
    harness.end(.shutdown(grace: .seconds(10)), of: self.id)
    #expect(harness.verbs(self.id) == [.wait])
    harness.end(.wait, of: self.id, .exited(TaskExit(code: 0, time: .zero)))
    #expect(harness.verbs(self.id) == [.remove])
  }

  @Test("a lower desired state is refused, and so is a task of another node")
  func refused() {
    var harness = self.running()
    harness.update(WorkerHarness.task(desired: .ready))
    #expect(harness.worker.task(self.id)?.task.desiredState == .running)
    var foreign = WorkerHarness.task(2)
    foreign.nodeID = WorkerHarness.makeID("x")
    harness.update(foreign)
    #expect(harness.worker.task(foreign.id) == nil)
  }

  @Test("an operation whose record couldn't be written is tried again, with the record")
  func recordFailure() {
    var harness = WorkerHarness()
    harness.open([self.task])
    harness.end(.create, of: self.id)
    harness.end(.prepare, of: self.id)
    harness.disk = [:]
    harness.handle(.recordsFailed([self.id]))
    harness.end(.start, of: self.id, .temporary("no space left on device"))
    harness.now = .seconds(1)
    harness.handle(.wake)
    #expect(harness.verbs(self.id) == [.start])
    #expect(harness.disk[self.id] != nil)
  }
}
