// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
package import EngineSchema
internal import NIOCore
internal import NIOHTTP1

/// The Docker Engine API of one manager, as any client would use it.
package struct ManagerAPI: Sendable {
  /// The manager's unix socket.
  package let socket: String

  package init(_ node: NodeProcess) {
    self.socket = node.socket
  }

  package func joinTokens() async throws -> Engine.JoinTokens {
    let swarm: Engine.Swarm = try await self.call(.GET, "/swarm")
    return swarm.joinTokens ?? Engine.JoinTokens()
  }

  package func nodes() async throws -> [Engine.Node] {
    try await self.call(.GET, "/nodes")
  }

  package func services() async throws -> [Engine.Service] {
    try await self.call(.GET, "/services?status=true")
  }

  package func tasks() async throws -> [Engine.Task] {
    try await self.call(.GET, "/tasks")
  }

  package func create(_ spec: Engine.ServiceSpec) async throws {
    let _: Engine.ServiceCreated = try await self.call(.POST, "/services/create", body: spec)
  }

  /// An answer as it comes.
  package func raw(_ path: String) async throws -> [UInt8] { try await self.send(.GET, path, body: nil) }

  package func scale(_ name: String, to replicas: UInt64) async throws {
    try await self.update(name) { $0.mode?.replicated?.replicas = replicas }
  }

  package func update(_ name: String, _ change: (inout Engine.ServiceSpec) -> Void) async throws {
    let service: Engine.Service = try await self.call(.GET, "/services/\(name)")
    var spec = service.spec ?? Engine.ServiceSpec()
    change(&spec)
    let version = service.version?.index ?? 0
    _ = try await self.send(.POST, "/services/\(name)/update?version=\(version)", body: spec)
  }

  package func remove(_ name: String) async throws {
    _ = try await self.send(.DELETE, "/services/\(name)", body: nil)
  }

  /// Why a service's tasks wait for a node.
  package func explanations(of name: String) async throws -> [Engine.Explanation] {
    try await self.call(.GET, "/services/\(name)/explain")
  }

  private func call<Answer: Decodable>(_ method: HTTPMethod, _ path: String, body: (any Encodable)? = nil) async throws -> Answer
  {
    try EngineJSON.decode(from: await self.send(method, path, body: body))
  }

  private func send(_ method: HTTPMethod, _ path: String, body: (any Encodable)?) async throws -> [UInt8] {
    var request = HTTPClientRequest(url: "http+unix://\(Self.percentEncoded(self.socket))/v\(Engine.version)\(path)")
    request.method = method
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(try EngineJSON.encode(body))
    }
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
    let bytes = Array(buffer: try await response.body.collect(upTo: 16 << 20))
    guard (200..<300).contains(response.status.code) else {
      let message = (try? EngineJSON.decode(Engine.ErrorBody.self, from: bytes))?.message
      throw NodeFailure("\(response.status.code): \(message ?? "no reason given")", status: response.status.code)
    }
    return bytes
  }

  private static func percentEncoded(_ path: String) -> String {
    path.utf8.map { byte in
      let isPlain = Character(UnicodeScalar(byte)).isLetter || Character(UnicodeScalar(byte)).isNumber
      return isPlain ? String(UnicodeScalar(byte)) : "%" + String(byte, radix: 16, uppercase: true)
    }.joined()
  }
}
