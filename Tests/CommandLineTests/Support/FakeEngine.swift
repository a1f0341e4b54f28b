// SPDX-License-Identifier: Apache-2.0

import EngineSchema
import SwarmCommands
import Synchronization
import Testing

/// A manager's Engine API in memory, as far as commands about objects need it.
final class FakeEngine: Sendable {
  struct Object: Sendable {
    var kind: String
    var id: String
    var name: String
    var version: Int64
    var body: JSONValue
  }

  private struct State {
    var objects: [Object] = []
    var requests: [String] = []
    var bodies: [String: JSONValue] = [:]
    var nextID = 1
  }

  private let state = Mutex(State())
  private let isManager: Bool
  /// Kinds that the server doesn't know.
  private let missingKinds: Set<String>

  init(isManager: Bool = true, missingKinds: Set<String> = []) {
    self.isManager = isManager
    self.missingKinds = missingKinds
  }

  /// Requests that change something, in order: `POST /services/create st_web`.
  var changes: [String] { self.state.withLock { $0.requests.filter { !$0.hasPrefix("GET") } } }

  func names(_ kind: String) -> [String] { self.state.withLock { $0.objects.filter { $0.kind == kind }.map(\.name) } }

  /// What an object was last written as.
  func body(_ kind: String, _ name: String) -> JSONValue? {
    self.state.withLock { $0.objects.first { $0.kind == kind && $0.name == name }?.body }
  }

  /// Puts an object there.
  func add(_ kind: String, _ body: JSONValue) { self.state.withLock { _ = Self.create(kind, body, in: &$0) } }

  /// Changes what is kept of a service.
  func change(service name: String, _ change: (inout Engine.ServiceSpec) -> Void) throws {
    try self.state.withLock { state in
      let index = try #require(state.objects.firstIndex { $0.kind == "services" && $0.name == name })
      var spec = try EngineJSON.decode(Engine.ServiceSpec.self, from: Array(state.objects[index].body.text.utf8))
      change(&spec)
      state.objects[index].body = try JSONValue(encoding: spec)
    }
  }

  /// Runs `swarmctl` against it.
  func swarmctl(
    _ arguments: [String],
    environment: [String: String] = [:],
    terminal: any UserTerminal = NoTerminal()
  ) async throws -> (code: Int32, output: String, errors: String) {
    try await FakeServer.swarmctl(arguments, environment: environment, terminal: terminal, answering: self.answer)
  }

  private func answer(_ request: FakeServer.Request) -> FakeServer.Answer {
    let parts = request.path.split(separator: "/").map(String.init)
    let kind = parts.first ?? ""
    let body = (try? EngineJSON.decode(JSONValue.self, from: request.body)) ?? .null
    return self.state.withLock { state in
      state.requests.append("\(request.method) \(request.path)")
      guard !self.missingKinds.contains(kind) else { return (501, #"{"message":"\#(kind) are not available yet"}"#) }
      switch (request.method, parts.count) {
      case ("GET", 1) where kind == "info":
        return (200, #"{"Swarm":{"NodeID":"n1","ControlAvailable":\#(self.isManager)}}"#)
      case ("GET", 1) where kind == "swarm": return (200, #"{"ID":"here"}"#)
      case ("GET", 1): return (200, JSONValue.array(Self.list(kind, request.query, in: state).map(Self.shown)).text)
      case ("GET", 2):
        guard let object = Self.find(kind, parts[1], in: state) else { return Self.notFound(kind, parts[1]) }
        return (200, Self.shown(object).text)
      case ("POST", 2) where parts[1] == "create":
        return (201, #"{"ID":"\#(Self.create(kind, body, in: &state))","Id":"x"}"#)
      case ("POST", 3):
        guard let index = state.objects.firstIndex(where: { $0.kind == kind && $0.id == parts[1] }) else {
          return Self.notFound(kind, parts[1])
        }
        guard request.query["version"] == String(state.objects[index].version) else {
          return (500, #"{"message":"rpc error: code = Unknown desc = update out of sequence"}"#)
        }
        state.objects[index].version += 1
        state.objects[index].body = body
        return (200, "{}")
      case ("DELETE", 2):
        guard let object = Self.find(kind, parts[1], in: state) else { return Self.notFound(kind, parts[1]) }
        state.objects.removeAll { $0.id == object.id }
        return (204, "")
      default: return (404, #"{"message":"page not found"}"#)
      }
    }
  }

  private static func create(_ kind: String, _ body: JSONValue, in state: inout State) -> String {
    let id = "\(kind.prefix(1))\(state.nextID)"
    state.nextID += 1
    state.objects.append(Object(kind: kind, id: id, name: self.text(body["Name"]), version: 10, body: body))
    return id
  }

  private static func list(_ kind: String, _ query: [String: String], in state: State) -> [Object] {
    let filters = (try? EngineFilters(query: query["filters"] ?? "")) ?? EngineFilters()
    return state.objects.filter { object in
      object.kind == kind
        && filters.allow("name") { object.name.hasPrefix($0) }
        && filters.require("label") { label in
          let parts = label.split(separator: "=", maxSplits: 1).map(String.init)
          guard let value = object.body["Labels"]?[parts[0]] ?? object.body["labels"]?[parts[0]] else { return false }
          return parts.count == 1 || value == .string(parts[1])
        }
    }
  }

  private static func find(_ kind: String, _ reference: String, in state: State) -> Object? {
    state.objects.first { $0.kind == kind && ($0.id == reference || $0.name == reference) }
  }

  private static func shown(_ object: Object) -> JSONValue {
    let version = JSONValue.object(["Index": .integer(object.version)])
    switch (object.kind, object.body) {
    case ("networks", .object(var network)):
      network["Id"] = .string(object.id)
      // A network whose scope isn't given is the swarm's.
      if network["Scope"]?.isEmpty ?? true { network["Scope"] = .string("swarm") }
      return .object(network)
    case ("tasks", let task): return task
    case ("nodes", let node): return node
    case (_, let spec): return .object(["ID": .string(object.id), "Version": version, "Spec": spec])
    }
  }

  private static func notFound(_ kind: String, _ name: String) -> FakeServer.Answer {
    (404, #"{"message":"\#(kind.dropLast()) \#(name) not found"}"#)
  }

  private static func text(_ value: JSONValue?) -> String {
    guard case .string(let text) = value else { return "" }
    return text
  }
}
