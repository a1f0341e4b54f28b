// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension ManagedTask {
  /// An operation that ``advance(at:)`` had begun ended.
  ///
  /// Anything else is ignored.
  mutating func ended(_ verb: TaskOperation.Verb, _ outcome: TaskOperation.Outcome, at time: Timestamp, now: Duration) {
    if verb == .wait {
      guard self.isWaiting else { return }
      self.isWaiting = false
      self.waitEnded(outcome, at: time, now: now)
      return
    }
    guard self.operation == verb else { return }
    let wasCancelled = self.isCancelling
    self.operation = nil
    self.isCancelling = false
    switch outcome {
    case .cancelled where wasCancelled: return
    case .cancelled: self.postpone("the operation was interrupted", now: now)
    case .temporary(let message): self.postpone(message, now: now)
    case .failed(let message): self.refused(verb, message, at: time)
    case .done, .started, .exited: self.succeeded(verb, outcome, at: time)
    }
  }

  private mutating func succeeded(_ verb: TaskOperation.Verb, _ outcome: TaskOperation.Outcome, at time: Timestamp) {
    self.clearError()
    switch verb {
    case .create:
      self.controller = .made
    case .prepare:
      self.isPrepared = true
      if self.status.state < .ready { self.move(to: .ready, "prepared", at: time) }
      // Managers log READY only of tasks that are held there; so does the node.
      if self.task.desiredState < .running { self.needsRecord = true }
    case .start:
      var message = ["started"]
      if case .started(let container, let ports, let warnings) = outcome {
        self.task.status.container = container
        self.task.status.portStatus = ports.isEmpty ? nil : PortStatus(ports: ports)
        message += warnings
      }
      self.move(to: .running, message.joined(separator: "; "), at: time)
      self.needsRecord = true
    case .shutdown, .terminate:
      self.hasEnded = true
    case .remove:
      self.isGone = true
    case .discard:
      self.discarded()
    case .wait:
      break
    }
  }

  private mutating func refused(_ verb: TaskOperation.Verb, _ message: String, at time: Timestamp) {
    switch verb {
    case .create where self.status.state < .starting:
      self.controller = .refused
      self.reject(message, at: time)
    case .create:
      self.controller = .refused
      self.failure = message
    case .prepare:
      self.reject(message, at: time)
    case .start:
      if !self.isStopping { self.failure = message }
    case .shutdown:
      self.mustTerminate = true
    case .terminate:
      if self.failure == nil { self.failure = message }
      self.hasEnded = true
    case .remove:
      self.isGone = true
    case .discard:
      self.discarded()
    case .wait:
      break
    }
  }

  private mutating func waitEnded(_ outcome: TaskOperation.Outcome, at time: Timestamp, now: Duration) {
    switch outcome {
    case .exited(let exit):
      self.exit = exit
      self.retryAt = nil
      guard !self.isTerminal else { return }
      self.note(exit)
      guard self.failure == nil, !self.isStopping else { return }
      if exit.code == 0 {
        self.finish(.complete, "finished", at: time)
      } else {
        self.task.status.err = exit.outOfMemory ? "task: out of memory" : "task: non-zero exit (\(exit.code))"
        self.finish(.failed, self.status.message, at: time)
      }
    case .failed(let message):
      self.isWaitGivenUp = true
      if !self.isStopping, !self.isTerminal { self.failure = message }
    case .temporary, .cancelled, .done, .started:
      guard !self.isTerminal else { return }
      if self.isStopping {
        self.isWaitGivenUp = true
      } else if case .temporary(let message) = outcome {
        self.postpone(message, now: now)
      } else {
        self.postpone("waiting was interrupted", now: now)
      }
    }
  }

  private mutating func discarded() {
    if self.isTerminal {
      self.isGone = true
    } else {
      self.hasEnded = true
    }
  }

  private mutating func postpone(_ message: String, now: Duration) {
    self.retryAt = now + Self.retryDelay
    guard !self.isTerminal, self.status.err != message else { return }
    self.task.status.err = message
    self.needsReport = true
  }

  private mutating func reject(_ message: String, at time: Timestamp) {
    guard !self.isStopping else { return }
    self.task.status.err = message
    self.finish(.rejected, self.status.message, at: time)
  }

  private mutating func note(_ exit: TaskExit) {
    var container = self.status.container ?? ContainerStatus()
    container.exitCode = exit.code
    self.task.status.container = container
  }

  private mutating func clearError() {
    guard !self.isTerminal, !self.status.err.isEmpty else { return }
    self.task.status.err = ""
    self.needsReport = true
  }
}
