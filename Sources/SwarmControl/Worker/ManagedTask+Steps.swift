// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

extension ManagedTask {
  /// Moves on as far as possible without the runtime and says what to do next; nil when there is nothing to
  /// do but to wait for an event.
  mutating func advance(at time: Timestamp) -> Step? {
    if self.isGone { return .forget }
    if let operation = self.operation { return self.cancelIfUnwanted(operation) }
    guard self.retryAt == nil else { return nil }
    if self.isTerminal { return self.isAssigned ? nil : self.remove() }
    if self.failure != nil { return self.end(at: time) }
    if self.isStopping { return self.stop(at: time) }
    return self.proceed(at: time)
  }

  private mutating func begin(_ verb: TaskOperation.Verb) -> Step {
    if verb == .wait {
      self.isWaiting = true
    } else {
      self.operation = verb
      self.isCancelling = false
    }
    self.isKnownToRuntime = true
    return .begin(verb)
  }

  private mutating func cancelIfUnwanted(_ operation: TaskOperation.Verb) -> Step? {
    guard self.isStopping, !self.isCancelling else { return nil }
    switch operation {
    case .create where self.status.state < .starting, .prepare, .start:
      self.isCancelling = true
      return .cancelOperation
    case .create, .wait, .shutdown, .terminate, .remove, .discard:
      return nil
    }
  }

  /// The way to RUNNING and to the end that the task finds itself.
  private mutating func proceed(at time: Timestamp) -> Step? {
    if self.status.state == .running {
      if self.controller == .none { return self.begin(.create) }
      return self.isWaiting ? nil : self.begin(.wait)
    }
    guard self.isConfirmed, self.task.desiredState >= .ready else { return nil }
    if self.status.state < .preparing { self.move(to: .preparing, "preparing", at: time) }
    if self.controller == .none { return self.begin(.create) }
    if self.status.state < .starting {
      guard self.isPrepared else { return self.begin(.prepare) }
      guard self.task.desiredState >= .running else { return nil }
      self.move(to: .starting, "starting", at: time)
      self.needsRecord = true
    }
    return self.begin(.start)
  }

  /// The way to SHUTDOWN.
  private mutating func stop(at time: Timestamp) -> Step? {
    guard self.status.state >= .starting else {
      self.finish(.shutdown, "shutdown", at: time)
      return self.advance(at: time)
    }
    if self.exit == nil {
      if self.controller == .none { return self.begin(.create) }
      if self.status.state == .running, !self.isWaiting, !self.isWaitGivenUp, !self.hasEnded { return self.begin(.wait) }
      guard self.hasEnded else { return self.begin(self.mustTerminate ? .terminate : .shutdown(grace: self.grace)) }
      guard !self.isWaiting else { return nil }
    }
    self.finish(.shutdown, "shutdown", at: time)
    return self.advance(at: time)
  }

  /// The way to FAILED: what may still run of the task is ended first, so that its replacement never runs
  /// beside it.
  private mutating func end(at time: Timestamp) -> Step? {
    guard self.hasEnded || self.exit != nil else {
      return self.begin(self.controller == .made ? .terminate : .discard)
    }
    self.task.status.err = self.failure ?? ""
    self.finish(.failed, self.status.message, at: time)
    return self.advance(at: time)
  }

  /// The way out.
  private mutating func remove() -> Step? {
    if self.isWaiting {
      guard !self.isWaitCancelled else { return nil }
      self.isWaitCancelled = true
      return .cancelWait
    }
    if self.controller == .made { return self.begin(.remove) }
    if self.isKnownToRuntime { return self.begin(.discard) }
    self.isGone = true
    return .forget
  }

  private var grace: Duration {
    self.task.spec.value.container?.stopGracePeriod ?? .seconds(10)
  }
}
