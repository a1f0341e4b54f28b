// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Who wrote a line, as the server tells it in front of the line: `key=value`, percent-encoded, with commas between.
struct LogContext: Hashable, Sendable {
  var node: String
  var service: String
  var task: String
  /// What else there is, sorted.
  var rest: String

  /// Reads the text; `nil` when it doesn't name node, service and task.
  init?(_ text: String) {
    var details: [String: String] = [:]
    for pair in text.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, let key = PercentCoding.decode(parts[0]), let value = PercentCoding.decode(parts[1]) else {
        return nil
      }
      details[key] = value
    }
    guard let node = details.removeValue(forKey: "com.docker.swarm.node.id"),
      let service = details.removeValue(forKey: "com.docker.swarm.service.id"),
      let task = details.removeValue(forKey: "com.docker.swarm.task.id")
    else { return nil }
    (self.node, self.service, self.task) = (node, service, task)
    self.rest = details.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}

/// The names of tasks in front of their lines: `web.1.lcq32jdce5m1@node1`; each is asked for once.
final class TaskLabels {
  private let client: EngineClient
  private let resolves: Bool
  private let showsTaskIDs: Bool
  private let isTruncated: Bool
  private let width: Int
  private var labels: [LogContext: String] = [:]

  init(client: EngineClient, resolves: Bool, showsTaskIDs: Bool, isTruncated: Bool, width: Int) {
    self.client = client
    self.resolves = resolves
    self.showsTaskIDs = showsTaskIDs
    self.isTruncated = isTruncated
    self.width = width
  }

  /// The label of a task, padded so that lines of all tasks begin at the same column.
  func label(of context: LogContext) async throws -> String {
    var key = context
    key.rest = ""
    if let label = self.labels[key] { return label }
    let slot = try await self.ifThere { try await self.client.task(context.task).slot } ?? 0
    var service = context.service
    var node = context.node
    if self.resolves {
      service = try await self.ifThere { try await self.client.service(context.service).spec?.name } ?? service
      node = try await self.ifThere { try await self.client.node(context.node).description?.hostname } ?? node
    }
    var label = "\(service).\(slot)"
    if self.showsTaskIDs { label += ".\(self.isTruncated ? HumanText.shortID(context.task) : context.task)" }
    label += "@\(node)" + String(repeating: " ", count: max(0, self.width - String(slot).count))
    self.labels[key] = label
    return label
  }

  /// What an object tells; `nil` when it is gone by now.
  private func ifThere<Value>(_ ask: () async throws -> Value?) async throws -> Value? {
    do {
      return try await ask()
    } catch let error as DaemonError where error.status == 404 {
      return nil
    }
  }
}
