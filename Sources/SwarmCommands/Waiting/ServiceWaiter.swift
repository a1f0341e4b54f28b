// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Waits until a service is what it should be, and shows how far it is.
struct ServiceWaiter: Sendable {
  let session: CommandSession
  let reference: String
  let isQuiet: Bool

  /// How often to look.
  private static let pause = Duration.milliseconds(200)
  /// How long the swarm may be without a leader before the wait is given up.
  private static let patience: Int64 = 15_000_000_000

  func wait() async throws {
    var convergence = Convergence()
    var shown = ""
    var failingSince: EngineTime?
    while true {
      do {
        let look = try await self.look()
        failingSince = nil
        switch convergence.step(look) {
        case .wait(let text):
          if text != shown, !self.isQuiet { self.session.console.print(text) }
          shown = text
        case .done(let text):
          if !self.isQuiet { self.session.console.print(text) }
          return
        case .failed(let text): throw CommandFailure(text)
        }
      } catch let error as DaemonError where error.status == 503 {
        // A leader may just have died; the next one answers soon.
        let now = self.session.now()
        let since = failingSince ?? now
        failingSince = since
        if now.nanosecondsSince1970 - since.nanosecondsSince1970 > Self.patience { throw error }
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  private func look() async throws -> Convergence.Look {
    let client = self.session.client
    let service = try await client.service(self.reference)
    var filters = EngineFilters()
    filters.add(service.id ?? self.reference, to: "service")
    filters.add("true", to: "_up-to-date")
    let tasks = try await client.tasks(filters)
    let live = try await client.nodes().filter { $0.status?.state != "down" }.compactMap(\.id)
    return Convergence.Look(service: service, tasks: tasks, liveNodes: Set(live), time: self.session.now())
  }
}
