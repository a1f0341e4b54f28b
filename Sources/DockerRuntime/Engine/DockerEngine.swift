// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import Dispatch
internal import EngineSchema
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import SwarmAgent
internal import Synchronization

/// Speaks the Docker Engine API to one engine over its unix socket.
///
/// Its connections are closed by ``close()``, or when nobody holds it any more.
final class DockerEngine: Sendable {
  /// The newest version of the API whose answers are known here.
  private static let newestVersion = (1, 47)
  /// How much of an answer that isn't a stream is read.
  private static let maximumAnswer = 32 << 20

  let socketPath: String
  private let client: HTTPClient
  /// What paths begin with, `/v1.47`; empty until a version is agreed on.
  private let version = Mutex("")

  private init(socketPath: String, client: HTTPClient) {
    self.socketPath = socketPath
    self.client = client
  }

  deinit {
    // One that is closed already says so, which doesn't matter here.
    self.client.shutdown { _ in }
  }

  /// Connects and agrees on a version of the API.
  ///
  /// - Throws: ``RuntimeError/Code/temporary`` when nobody answers at the socket.
  static func connect(socketPath: String) async throws -> DockerEngine {
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .seconds(5)
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    // Streams of logs and events hold connections for as long as they last; other requests don't queue behind them.
    configuration.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = 4096
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    let engine = DockerEngine(socketPath: socketPath, client: client)
    let answer = try await engine.get("/version")
    guard case .string(let text) = answer["ApiVersion"], let theirs = self.version(text) else {
      throw RuntimeError(code: .unsupported, message: "what answers at \(socketPath) isn't a Docker Engine")
    }
    let common = theirs < Self.newestVersion ? theirs : Self.newestVersion
    engine.version.withLock { $0 = "/v\(common.0).\(common.1)" }
    return engine
  }

  func close() async {
    try? await self.client.shutdown()
  }

  func get(_ path: String, _ query: [(String, String)] = []) async throws -> JSONValue {
    try await self.request(.GET, path, query)
  }

  @discardableResult
  func post(
    _ path: String,
    _ query: [(String, String)] = [],
    body: JSONValue? = nil
  ) async throws -> JSONValue {
    try await self.request(.POST, path, query, body: body)
  }

  func delete(_ path: String, _ query: [(String, String)] = []) async throws {
    _ = try await self.request(.DELETE, path, query)
  }

  /// Asks, and reads the whole answer; `null` when there is none.
  private func request(
    _ method: HTTPMethod,
    _ path: String,
    _ query: [(String, String)],
    body: JSONValue? = nil
  ) async throws -> JSONValue {
    // A container's start or end may take the engine a while; what takes longer than this never ends.
    let response = try await self.send(method, path, query, body: body, deadline: .now() + .minutes(5))
    return try await self.translated {
      let text = try await Array(buffer: response.body.collect(upTo: Self.maximumAnswer))
      guard !text.isEmpty else { return .null }
      return try EngineJSON.decode(JSONValue.self, from: text)
    }
  }

  /// Asks for an answer that comes bit by bit.
  ///
  /// Reading it throws what the connection throws; ``translated(_:)`` makes that readable.
  func stream(
    _ method: HTTPMethod,
    _ path: String,
    _ query: [(String, String)] = [],
    headers: [(String, String)] = []
  ) async throws -> HTTPClientResponse.Body {
    // The longest time that the client can count to: a stream of events lasts as long as the node.
    try await self.send(method, path, query, headers: headers, deadline: .distantFuture).body
  }

  /// Turns a request into a connection that carries bytes in both directions; `body` uses it, and it is closed then.
  func hijack<Result: Sendable>(
    _ path: String,
    body: JSONValue,
    _ use: @escaping @Sendable (HijackedConnection) async throws -> Result
  ) async throws -> Result {
    let target = self.version.withLock(\.self) + path
    return try await self.translated {
      try await HijackedConnection.with(socketPath: self.socketPath, target: target, body: Array(body.text.utf8), use)
    }
  }

  private func send(
    _ method: HTTPMethod,
    _ path: String,
    _ query: [(String, String)],
    headers: [(String, String)] = [],
    body: JSONValue? = nil,
    deadline: NIODeadline
  ) async throws -> HTTPClientResponse {
    let pairs = query.map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
    let version = self.version.withLock(\.self)
    let target = "\(version)\(path)\(pairs.isEmpty ? "" : "?\(pairs)")"
    var request = HTTPClientRequest(url: "http+unix://\(PercentCoding.encode(self.socketPath))\(target)")
    request.method = method
    request.headers.replaceOrAdd(name: "Host", value: "docker")
    for (name, value) in headers { request.headers.add(name: name, value: value) }
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(string: body.text))
    }
    let finished = request
    return try await self.translated {
      let response = try await self.client.execute(finished, deadline: deadline)
      guard (200..<300).contains(response.status.code) || response.status == .notModified else {
        let text = try await Array(buffer: response.body.collect(upTo: 1 << 20))
        throw Self.failure(status: Int(response.status.code), text)
      }
      return response
    }
  }

  /// Turns what goes wrong on the way into errors of the runtime.
  func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch {
      throw self.explain(error)
    }
  }

  /// What went wrong, as the runtime says it: a connection's errors are temporary.
  func explain(_ error: any Error) -> any Error {
    if error is EngineFailure || error is RuntimeError || error is CancellationError { return error }
    guard !Task.isCancelled else { return CancellationError() }
    return RuntimeError(
      code: .temporary,
      message: "the Docker Engine at \(self.socketPath) can't be reached",
      cause: error
    )
  }

  static func failure(status: Int, _ text: [UInt8]) -> EngineFailure {
    let body = try? EngineJSON.decode(Engine.ErrorBody.self, from: text)
    let fallback = String(decoding: text.prefix(512), as: UTF8.self)
    return EngineFailure(status: status, message: body?.message ?? (fallback.isEmpty ? "status \(status)" : fallback))
  }

  private static func version(_ text: String) -> (Int, Int)? {
    let numbers = text.split(separator: ".").map { Int($0) }
    guard numbers.count == 2, let major = numbers[0], let minor = numbers[1] else { return nil }
    return (major, minor)
  }
}
