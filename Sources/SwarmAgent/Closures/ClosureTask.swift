// SPDX-License-Identifier: Apache-2.0

public import SwarmModel

/// What a closure of a ``ClosureRuntime`` knows of the task it runs.
public struct ClosureTask: Sendable {
  /// The task.
  public let task: SwarmTask
  /// Where it runs and what it is called.
  public let context: TaskContext
  /// The container's environment, with placeholders replaced.
  ///
  /// A later entry of the same name wins.
  public let environment: [String: String]

  private let log: LogBuffer
  private let clock: AgentClock

  init(task: SwarmTask, context: TaskContext, environment: [String], log: LogBuffer, clock: AgentClock) {
    self.task = task
    self.context = context
    self.log = log
    self.clock = clock
    var variables: [String: String] = [:]
    for entry in environment {
      let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      variables[String(parts[0])] = parts.count > 1 ? String(parts[1]) : nil
    }
    self.environment = variables
  }

  /// The container's command and arguments.
  public var arguments: [String] {
    guard let container = self.task.spec.value.container else { return [] }
    return container.command + container.args
  }

  /// Writes a line to the task's logs.
  public func print(_ line: String, to stream: LogRecord.Stream = .stdout) {
    self.log.append(LogRecord(timestamp: self.clock.time(), stream: stream, bytes: Array("\(line)\n".utf8)))
  }
}
