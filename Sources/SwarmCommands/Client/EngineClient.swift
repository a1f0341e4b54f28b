// SPDX-License-Identifier: Apache-2.0

internal import AsyncHTTPClient
internal import EngineSchema
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Speaks Docker's Engine API to one server.
package struct EngineClient: Sendable {
  package let host: EngineHost
  /// How long an answer may take; a server that is silent for longer is given up.
  let timeout: Duration
  /// The version of the API that is spoken.
  private var version = Engine.version
  private let client: HTTPClient

  private init(host: EngineHost, timeout: Duration, client: HTTPClient) {
    self.host = host
    self.timeout = timeout
    self.client = client
  }

  /// Talks to a server while `body` runs.
  package static func with<Value>(
    _ host: EngineHost,
    timeout: Duration,
    body: (EngineClient) async throws -> Value
  ) async throws -> Value {
    var configuration = HTTPClient.Configuration()
    configuration.timeout.connect = .seconds(3)
    configuration.connectionPool.retryConnectionEstablishment = false
    configuration.httpVersion = .http1Only
    configuration.tlsConfiguration = try host.tls?.configuration()
    let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    do {
      let value = try await body(EngineClient(host: host, timeout: timeout, client: client))
      try? await client.shutdown()
      return value
    } catch {
      try? await client.shutdown()
      throw error
    }
  }

  /// The client for servers that don't speak our version of the API any more: it speaks their oldest one.
  func negotiated() async throws -> Self {
    var client = self
    client.version = ""
    let version: Engine.VersionInfo = try await client.get("/version")
    let oldest = (version.minAPIVersion ?? "").split(separator: ".").compactMap { Int($0) }
    let own = Engine.version.split(separator: ".").compactMap { Int($0) }
    client.version = own.lexicographicallyPrecedes(oldest) ? version.minAPIVersion ?? Engine.version : Engine.version
    return client
  }

  /// Asks, and reads the answer as a value of the API.
  func get<Answer: Decodable>(_ path: String, _ query: [(String, String)] = [], as type: Answer.Type = Answer.self) async throws
    -> Answer
  {
    try self.decode(await self.send(.GET, path, query))
  }

  /// Sends a value, and reads the answer as a value.
  func post<Answer: Decodable>(
    _ path: String,
    _ query: [(String, String)] = [],
    headers: [(String, String)] = [],
    body: (any Encodable & Sendable)? = nil,
    as type: Answer.Type = Answer.self
  ) async throws -> Answer {
    try self.decode(await self.send(.POST, path, query, headers: headers, body: body))
  }

  /// Sends a value; the answer says nothing.
  func post(_ path: String, _ query: [(String, String)] = [], body: (any Encodable & Sendable)? = nil) async throws {
    _ = try await self.send(.POST, path, query, body: body)
  }

  /// Deletes.
  func delete(_ path: String, _ query: [(String, String)] = []) async throws {
    _ = try await self.send(.DELETE, path, query)
  }

  private func decode<Answer: Decodable>(_ text: [UInt8]) throws -> Answer {
    do {
      return try EngineJSON.decode(Answer.self, from: text)
    } catch {
      throw CommandFailure("the server at \(self.host) gave an answer that makes no sense: \(error)")
    }
  }

  /// Asks for something that has no end of its own, and hands over the pieces of the answer as they come.
  func stream(_ path: String, _ query: [(String, String)], _ receive: ([UInt8]) async throws -> Void) async throws {
    let request = self.request(.GET, path, query)
    try await self.explaining {
      let response = try await self.client.execute(request, deadline: .distantFuture)
      guard (200..<300).contains(response.status.code) else {
        throw Self.failure(response.status.code, try await Array(buffer: response.body.collect(upTo: 1 << 20)))
      }
      for try await piece in response.body { try await receive(Array(buffer: piece)) }
    }
  }

  /// Asks for something whose body and answer are open at the same time.
  ///
  /// - Parameters:
  ///   - first: how the body begins.
  ///   - rest: what it goes on with.
  func exchange(
    _ path: String,
    first: [UInt8],
    _ rest: some AsyncSequence<[UInt8], Never> & Sendable,
    _ receive: ([UInt8]) async throws -> Void
  ) async throws {
    var request = self.request(.POST, path, [])
    request.headers.add(name: "Content-Type", value: "application/vnd.docker.multiplexed-stream")
    request.body = .stream(UploadPieces(first: first, rest: rest), length: .unknown)
    try await self.explaining { [request] in
      let response = try await self.client.execute(request, deadline: .distantFuture)
      guard (200..<300).contains(response.status.code) else {
        throw Self.failure(response.status.code, try await Array(buffer: response.body.collect(upTo: 1 << 20)))
      }
      for try await piece in response.body { try await receive(Array(buffer: piece)) }
    }
  }

  private func send(
    _ method: HTTPMethod,
    _ path: String,
    _ query: [(String, String)],
    headers: [(String, String)] = [],
    body: (any Encodable & Sendable)? = nil
  ) async throws -> [UInt8] {
    var request = self.request(method, path, query)
    request.headers.add(contentsOf: headers)
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(bytes: try EngineJSON.encode(body)))
    }
    return try await self.explaining { [request] in
      let response = try await self.client.execute(request, timeout: .nanoseconds(self.nanoseconds))
      let text = try await Array(buffer: response.body.collect(upTo: 64 << 20))
      guard (200..<300).contains(response.status.code) else { throw Self.failure(response.status.code, text) }
      return text
    }
  }

  private func request(_ method: HTTPMethod, _ path: String, _ query: [(String, String)]) -> HTTPClientRequest {
    let pairs = query.map { "\($0)=\(PercentCoding.encode($1))" }.joined(separator: "&")
    let prefix = self.version.isEmpty ? "" : "/v\(self.version)"
    var request = HTTPClientRequest(url: self.host.url("\(prefix)\(path)\(pairs.isEmpty ? "" : "?\(pairs)")"))
    request.method = method
    request.headers.replaceOrAdd(name: "Host", value: "swarm")
    request.headers.add(name: "User-Agent", value: "swarmctl")
    return request
  }

  /// Says in words what kept a request from being answered.
  private func explaining<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as HTTPClientError {
      throw self.explain(error)
    } catch let error as IOError {
      throw self.explain(error)
    } catch let error as ChannelError {
      throw self.explain(error)
    } catch let error as BoringSSLError {
      throw self.insecure(error)
    } catch let error as NIOSSLError {
      throw self.insecure(error)
    } catch is NIOConnectionError {
      throw self.unreachable
    } catch is HTTPParserError {
      throw self.noServer
    }
  }

  private var nanoseconds: Int64 {
    self.timeout.components.seconds * 1_000_000_000 + self.timeout.components.attoseconds / 1_000_000_000
  }
}

/// The pieces of a body that is sent as they come.
private struct UploadPieces<Rest: AsyncSequence<[UInt8], Never> & Sendable>: AsyncSequence, Sendable {
  let first: [UInt8]
  let rest: Rest

  func makeAsyncIterator() -> Iterator { Iterator(first: self.first, rest: self.rest.makeAsyncIterator()) }

  struct Iterator: AsyncIteratorProtocol {
    var first: [UInt8]?
    var rest: Rest.AsyncIterator

    mutating func next() async -> ByteBuffer? {
      if let first = self.first.take() { return ByteBuffer(bytes: first) }
      return await self.rest.next(isolation: #isolation).map { ByteBuffer(bytes: $0) }
    }
  }
}
