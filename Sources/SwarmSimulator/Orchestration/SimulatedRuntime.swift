// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// Containers that do what their image is called: they outlive the agent, and not the machine.
///
/// Images: `fail` ends with an error some time after its start, `complete` with success, `reject` can't be prepared, `stuck` never gets
/// past preparing, `stubborn` doesn't end when asked to; anything else runs.
struct SimulatedRuntime {
  /// One container.
  struct Container {
    var isRunning = false
    var wasStarted = false
    /// The exit code, once it ended.
    var code: Int32?
  }

  /// Something that the agent had begun and that hasn't ended.
  struct Operation {
    let number: Int
    let verb: TaskOperation.Verb
    var isCancelled = false
  }

  var containers: [TaskID: Container] = [:]
  var operations: [TaskID: [Operation]] = [:]
  private var lastNumber = 0

  /// The tasks whose container runs, sorted.
  var running: [TaskID] { self.containers.filter(\.value.isRunning).keys.sorted() }

  /// Notes an operation.
  mutating func begin(_ operation: TaskOperation) -> Int {
    self.lastNumber += 1
    self.operations[operation.task, default: []].append(Operation(number: self.lastNumber, verb: operation.verb))
    return self.lastNumber
  }

  /// Takes an operation that has come to its end.
  mutating func take(_ number: Int, of task: TaskID) -> Operation? {
    guard let position = self.operations[task]?.firstIndex(where: { $0.number == number }) else { return nil }
    return self.operations[task]?.remove(at: position)
  }

  /// Carries out what an operation does when it ends.
  ///
  /// - Returns: How it ended; nil when it hasn't yet, as waiting for what still runs.
  mutating func end(_ verb: TaskOperation.Verb, of id: TaskID, image: String, time: Timestamp) -> TaskOperation.Outcome? {
    switch verb {
    case .create:
      if self.containers[id] == nil { self.containers[id] = Container() }
      return .done
    case .prepare:
      return image == "reject" ? .failed("no such image") : .done
    case .start:
      if self.containers[id]?.wasStarted != true { self.containers[id] = Container(isRunning: true, wasStarted: true) }
      return .started(ContainerStatus(containerID: id.description))
    case .wait:
      guard let container = self.containers[id], container.wasStarted else { return .failed("the container is gone") }
      return container.code.map { .exited(TaskExit(code: $0, time: time)) }
    case .shutdown, .terminate:
      self.exit(id, code: 143)
      return .done
    case .remove, .discard:
      self.containers[id] = nil
      return .done
    }
  }

  /// A container ends.
  mutating func exit(_ id: TaskID, code: Int32) {
    guard self.containers[id]?.isRunning == true else { return }
    self.containers[id]?.isRunning = false
    self.containers[id]?.code = code
  }
}
