// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// How users name a task that runs: by its id or the beginning of it, as `SERVICE.SLOT`, or by its service.
struct TaskReference: Hashable, Sendable {
  let text: String

  init(_ text: String) { self.text = text }

  /// The task's id.
  func resolve(in client: EngineClient) async throws -> String {
    do {
      return try await client.task(self.text).id ?? self.text
    } catch let error as DaemonError where error.status == 404 {
      // It may be a name.
    }
    if let id = try await Self.running(of: self.text, slot: nil, in: client) { return id }
    if let dot = self.text.lastIndex(of: "."), let slot = UInt64(self.text[self.text.index(after: dot)...]),
      let id = try await Self.running(of: String(self.text[..<dot]), slot: slot, in: client)
    {
      return id
    }
    throw CommandFailure("no running task: \(self.text)")
  }

  /// The first running task of a service, or the one in a slot.
  private static func running(of service: String, slot: UInt64?, in client: EngineClient) async throws -> String? {
    let filters = EngineFilters(["service": [service], "desired-state": ["running"]])
    let tasks: [Engine.Task]
    do {
      tasks = try await client.tasks(filters)
    } catch let error as DaemonError where error.status == 404 {
      return nil
    }
    return tasks.filter { $0.status?.state == "running" && (slot == nil || $0.slot == slot) }
      .min { ($0.slot ?? 0, $0.id ?? "") < ($1.slot ?? 0, $1.id ?? "") }?.id
  }
}
