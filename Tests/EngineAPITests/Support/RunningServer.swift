// SPDX-License-Identifier: Apache-2.0

import AsyncHTTPClient
import EngineAPI
import EngineSchema
import Foundation
import Logging
import NIOCore
import NIOHTTP1
import Swarm
import SwarmCommands
import Synchronization

/// A server on a unix socket in a directory of its own, and ways to ask it.
struct RunningServer: Sendable {
  let socketPath: String
  let endpoints: [EngineEndpoint]

  /// Serves a backend while `body` runs.
  static func with<Value: Sendable>(
    _ backend: any SwarmBackend,
    extraEndpoints: [String] = [],
    configure: (inout EngineAPIConfiguration) -> Void = { _ in },
    body: @escaping @Sendable (RunningServer) async throws -> Value
  ) async throws -> Value {
    try await self.with(
      extraEndpoints: extraEndpoints,
      configure: configure,
      make: { try EngineAPIServer(backend: backend, configuration: $0, logger: Self.logger, onListening: $1) },
      body: body
    )
  }

  /// Serves a node while `body` runs.
  static func with<Value: Sendable>(
    _ node: SwarmNode,
    body: @escaping @Sendable (RunningServer) async throws -> Value
  ) async throws -> Value {
    try await self.with(
      extraEndpoints: [],
      configure: { _ in },
      make: { try EngineAPIServer(node: node, configuration: $0, logger: Self.logger, onListening: $1) },
      body: body
    )
  }

  private static func with<Value: Sendable>(
    extraEndpoints: [String],
    configure: (inout EngineAPIConfiguration) -> Void,
    make: (EngineAPIConfiguration, @escaping @Sendable ([EngineEndpoint]) async -> Void) throws -> EngineAPIServer,
    body: @escaping @Sendable (RunningServer) async throws -> Value
  ) async throws -> Value {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/api.sock"
    var configuration = EngineAPIConfiguration(
      endpoints: try [EngineEndpoint("unix://\(path)")] + extraEndpoints.map { try EngineEndpoint($0) }
    )
    configure(&configuration)
    let (listening, continuation) = AsyncStream<[EngineEndpoint]>.makeStream()
    let server = try make(configuration) { endpoints in
      continuation.yield(endpoints)
      continuation.finish()
    }
    return try await withThrowingTaskGroup(of: Value?.self) { group in
      group.addTask {
        defer { continuation.finish() }
        try await server.run()
        return nil
      }
      group.addTask {
        for await endpoints in listening { return try await body(RunningServer(socketPath: path, endpoints: endpoints)) }
        return nil
      }
      defer { group.cancelAll() }
      while let value = try await group.next() {
        if let value { return value }
      }
      throw ServerDidNotStart()
    }
  }

  static var logger: Logger {
    var logger = Logger(label: "test")
    logger.logLevel = .error
    return logger
  }

  var host: String { "unix://\(self.socketPath)" }

  /// Runs `swarmctl` inside this process.
  func swarmctl(
    _ arguments: [String],
    environment: [String: String] = ["FROM": "outside"],
    terminal: any UserTerminal = NoTerminal()
  ) async -> CommandOutput {
    let console = RecordedConsole()
    let code = await SwarmCommandLine.run(
      ["-H", self.host] + arguments,
      environment: environment,
      console: console.console,
      terminal: terminal
    ) {
      EngineTime(nanosecondsSince1970: Int64(Date().timeIntervalSince1970 * 1e9))
    }
    return CommandOutput(exitCode: code, output: console.output, errors: console.errors)
  }

  /// Asks with any method, path and body.
  func request(
    _ method: String,
    _ path: String,
    headers: [(String, String)] = [],
    body: String? = nil
  ) async throws -> Answer {
    let client = HTTPClient.shared
    var request = HTTPClientRequest(url: "http+unix://\(PercentCoding.encode(self.socketPath))\(path)")
    request.method = .init(rawValue: method)
    request.headers.add(contentsOf: headers)
    if let body {
      request.headers.add(name: "Content-Type", value: "application/json")
      request.body = .bytes(ByteBuffer(string: body))
    }
    let response = try await client.execute(request, timeout: .seconds(20))
    let text = try await String(buffer: response.body.collect(upTo: 16 << 20))
    return Answer(
      status: Int(response.status.code),
      headers: Dictionary(response.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first },
      text: text
    )
  }

  /// An answer without an end; the connection is closed with its last use.
  struct Follower {
    private var body: HTTPClientResponse.Body.AsyncIterator

    fileprivate init(_ response: HTTPClientResponse) {
      self.body = response.body.makeAsyncIterator()
    }

    /// The next piece.
    mutating func next(isolation: isolated (any Actor)? = #isolation) async throws -> [UInt8]? {
      try await self.body.next(isolation: isolation).map { Array(buffer: $0) }
    }
  }

  /// Asks for something that has no end.
  func follow(_ path: String) async throws -> Follower {
    let request = HTTPClientRequest(url: "http+unix://\(PercentCoding.encode(self.socketPath))\(path)")
    return Follower(try await HTTPClient.shared.execute(request, timeout: .seconds(60)))
  }

  /// Sends a body that is still being made while the answer comes.
  func exchange(_ path: String, _ pieces: AsyncStream<[UInt8]>) async throws -> (status: Int, answer: Follower) {
    var request = HTTPClientRequest(url: "http+unix://\(PercentCoding.encode(self.socketPath))\(path)")
    request.method = .POST
    request.body = .stream(pieces.map { ByteBuffer(bytes: $0) }, length: .unknown)
    let response = try await HTTPClient.shared.execute(request, timeout: .seconds(60))
    return (Int(response.status.code), Follower(response))
  }

  struct Answer: Sendable {
    var status: Int
    var headers: [String: String]
    var text: String

    var json: JSONValue? { try? EngineJSON.decode(JSONValue.self, from: Array(self.text.utf8)) }
    /// The sentence of an error.
    var message: String? {
      guard case .string(let message) = self.json?["message"] else { return nil }
      return message
    }
    func decode<Value: Decodable>(_ type: Value.Type = Value.self) throws -> Value {
      try EngineJSON.decode(type, from: Array(self.text.utf8))
    }
  }
}

struct ServerDidNotStart: Error {}

/// What a command printed and how it ended.
struct CommandOutput: Hashable, Sendable {
  var exitCode: Int32
  var output: String
  var errors: String
}

/// A console that remembers.
final class RecordedConsole: Sendable {
  private let texts = Mutex((output: "", errors: ""))

  var console: Console {
    Console(
      output: { text in self.texts.withLock { $0.output += text } },
      errors: { text in self.texts.withLock { $0.errors += text } }
    )
  }

  var output: String { self.texts.withLock { $0.output } }
  var errors: String { self.texts.withLock { $0.errors } }
}

/// A directory that goes away with the value's last use.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    self.path = "/tmp/engine-api-\(UUID().uuidString.prefix(13))"
    try FileManager.default.createDirectory(atPath: self.path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: self.path) }
}
