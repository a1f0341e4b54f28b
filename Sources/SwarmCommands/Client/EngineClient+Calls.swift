// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension EngineClient {
  func version() async throws -> Engine.VersionInfo { try await self.get("/version") }
  func info() async throws -> Engine.Info { try await self.get("/info") }

  func swarm() async throws -> Engine.Swarm { try await self.get("/swarm") }
  func initialize(_ request: Engine.InitRequest) async throws -> String { try await self.post("/swarm/init", body: request) }
  func join(_ request: Engine.JoinRequest) async throws { try await self.post("/swarm/join", body: request) }
  func leave(force: Bool) async throws { try await self.post("/swarm/leave", force ? [("force", "1")] : []) }
  func updateSwarm(version: UInt64, _ query: [(String, String)], spec: Engine.SwarmSpec) async throws {
    try await self.post("/swarm/update", [("version", String(version))] + query, body: spec)
  }

  func unlockKey() async throws -> String {
    let answer: Engine.UnlockKey = try await self.get("/swarm/unlockkey")
    return answer.unlockKey ?? ""
  }
  func unlock(_ key: String) async throws {
    var body = Engine.UnlockKey()
    body.unlockKey = key
    try await self.post("/swarm/unlock", body: body)
  }

  func nodes(_ filters: EngineFilters = EngineFilters()) async throws -> [Engine.Node] {
    try await self.get("/nodes", filters.query)
  }
  func node(_ reference: String) async throws -> Engine.Node { try await self.get("/nodes/\(PercentCoding.encode(reference))") }
  func updateNode(_ id: String, version: UInt64, spec: Engine.NodeSpec) async throws {
    try await self.post("/nodes/\(PercentCoding.encode(id))/update", [("version", String(version))], body: spec)
  }
  func removeNode(_ reference: String, force: Bool) async throws {
    try await self.delete("/nodes/\(PercentCoding.encode(reference))", force ? [("force", "1")] : [])
  }

  func services(_ filters: EngineFilters = EngineFilters(), status: Bool = false) async throws -> [Engine.Service] {
    try await self.get("/services", filters.query + (status ? [("status", "true")] : []))
  }
  func service(_ reference: String, insertDefaults: Bool = false) async throws -> Engine.Service {
    try await self.get("/services/\(PercentCoding.encode(reference))", [("insertDefaults", String(insertDefaults))])
  }
  func createService(_ spec: Engine.ServiceSpec, registryAuth: String? = nil) async throws -> Engine.ServiceCreated {
    try await self.post("/services/create", headers: Self.headers(registryAuth), body: spec)
  }
  func updateService(
    _ id: String,
    version: UInt64,
    spec: Engine.ServiceSpec,
    rollback: Bool = false,
    registryAuth: String? = nil
  ) async throws -> Engine.ServiceUpdated {
    let query = [("version", String(version))] + (rollback ? [("rollback", "previous")] : [])
    let path = "/services/\(PercentCoding.encode(id))/update"
    return try await self.post(path, query, headers: Self.headers(registryAuth), body: spec)
  }
  private static func headers(_ registryAuth: String?) -> [(String, String)] {
    registryAuth.map { [("X-Registry-Auth", $0)] } ?? []
  }
  func removeService(_ reference: String) async throws { try await self.delete("/services/\(PercentCoding.encode(reference))") }

  func tasks(_ filters: EngineFilters = EngineFilters()) async throws -> [Engine.Task] {
    try await self.get("/tasks", filters.query)
  }

  func usages(_ filters: EngineFilters = EngineFilters()) async throws -> [Engine.NodeUsage] {
    try await self.get("/stats", filters.query)
  }

  func task(_ reference: String) async throws -> Engine.Task { try await self.get("/tasks/\(PercentCoding.encode(reference))") }

  /// Lines of JSON, one per event, as they happen.
  func events(_ query: [(String, String)], _ receive: (Engine.Event) throws -> Void) async throws {
    var rest: [UInt8] = []
    try await self.stream("/events", query) { piece in
      rest += piece
      while let end = rest.firstIndex(of: 0x0A) {
        let line = Array(rest[..<end])
        rest.removeFirst(end + 1)
        guard !line.isEmpty else { continue }
        guard let event = try? EngineJSON.decode(Engine.Event.self, from: line) else {
          throw CommandFailure("the server at \(self.host) told an event that makes no sense")
        }
        try receive(event)
      }
    }
  }

  /// Why tasks wait.
  ///
  /// - Parameter kind: `services` or `tasks`.
  func explain(_ kind: String, _ reference: String) async throws -> [Engine.Explanation] {
    try await self.get("/\(kind)/\(PercentCoding.encode(reference))/explain")
  }
  func plan(_ changes: [Engine.PlannedChange]) async throws -> Engine.Plan { try await self.post("/plan", body: changes) }

  /// An object as it comes, for `inspect`.
  func raw(_ path: String, _ query: [(String, String)] = []) async throws -> JSONValue { try await self.get(path, query) }
}

extension EngineFilters {
  fileprivate var query: [(String, String)] { self.isEmpty ? [] : [("filters", self.queryText)] }
}
