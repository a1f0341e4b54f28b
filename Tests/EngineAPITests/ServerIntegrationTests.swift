// SPDX-License-Identifier: Apache-2.0

import EngineAPI
import EngineSchema
import Foundation
import Glibc
import NIOPosix
import SwarmModel
import Synchronization
import TestTraits
import Testing

@Suite("EngineAPIServer", .takingTurns)
struct ServerIntegrationTests {
  @Test("ping answers with the headers that clients negotiate by", arguments: ["GET", "HEAD"])
  func ping(method: String) async throws {
    try await RunningServer.with(ScriptedSwarm()) { server in
      let answer = try await server.request(method, "/_ping")
      #expect(answer.status == 200)
      #expect(answer.text == (method == "GET" ? "OK" : ""))
      #expect(answer.headers["api-version"] == "1.41")
      #expect(answer.headers["ostype"] == "linux")
      #expect(answer.headers["docker-experimental"] == "false")
      #expect(answer.headers["server"]?.hasPrefix("swift-swarm/") == true)
    }
  }

  @Test("a request is served on the event loop of its connection")
  func onLoop() async throws {
    let swarm = ScriptedSwarm.active()
    let isOnLoop = Mutex<[Bool]>([])
    swarm.change { state in
      state.onUsages = { _, _ in
        isOnLoop.withLock { $0.append(MultiThreadedEventLoopGroup.currentEventLoop != nil) }
        return []
      }
    }
    try await RunningServer.with(swarm) { server in
      let answer = try await server.request("GET", "/stats")
      #expect(answer.status == 200)
    }
    #expect(Set(isOnLoop.withLock { $0 }) == [true])
  }

  @Test("paths work with every version that is spoken, and without one", arguments: ["", "/v1.24", "/v1.30", "/v1.41"])
  func versions(prefix: String) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let answer = try await server.request("GET", "\(prefix)/nodes")
      #expect(answer.status == 200)
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.headers["api-version"] == "1.41")
    }
  }

  @Test("other versions, paths and methods are refused in dockerd's words")
  func refusals() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let tooNew = try await server.request("GET", "/v1.999/nodes")
      #expect(tooNew.status == 400)
      #expect(tooNew.message == "client version 1.999 is too new. Maximum supported API version is 1.41")
      #expect(tooNew.headers["content-type"] == "application/json")
      let tooOld = try await server.request("GET", "/v1.10/nodes")
      #expect(tooOld.status == 400)
      for (method, path) in [("GET", "/nope"), ("PATCH", "/nodes"), ("DELETE", "/nodes"), ("GET", "/v1.41"), ("GET", "/%zz")] {
        let answer = try await server.request(method, path)
        #expect(answer.status == 404, "\(method) \(path)")
        #expect(answer.message == "page not found")
      }
    }
  }

  @Test(
    "what isn't there yet says so",
    arguments: [
      ("POST", "/networks/n1/connect"), ("POST", "/containers/create"),
    ]
  )
  func unavailable(method: String, path: String) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let answer = try await server.request(method, "/v1.41\(path)")
      #expect(answer.status == 501)
      #expect(answer.message?.hasSuffix("not available yet in swift-swarm") == true)
    }
  }

  @Test("what a swarm has none of is an empty list, and not found by name")
  func nothing() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let volumes = try await server.request("GET", "/volumes")
      #expect(volumes.text == "{\"Volumes\":[]}\n")
      let plugins = try await server.request("GET", "/plugins")
      #expect(plugins.text == "[]\n")
      for path in ["/volumes/v", "/plugins/p/json"] {
        let answer = try await server.request("GET", path)
        #expect(answer.status == 404, "\(answer)")
      }
      for kind in ["containers", "images", "volumes", "build"] {
        let pruned = try await server.request("POST", "/\(kind)/prune")
        #expect((pruned.status, pruned.text) == (200, "{\"SpaceReclaimed\":0}\n"))
      }
      let usage = try await server.request("GET", "/system/df")
      let nothing = #"{"LayersSize":0,"Images":[],"Containers":[],"Volumes":[],"BuildCache":[]}"#
      #expect((usage.status, usage.text) == (200, "\(nothing)\n"))
    }
  }

  @Test("an empty answer has no type")
  func emptyAnswer() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      _ = try await server.request("POST", "/secrets/create", body: #"{"Name":"s","Data":"aGk="}"#)
      let removed = try await server.request("DELETE", "/secrets/s")
      #expect((removed.status, removed.text) == (204, ""))
      #expect(removed.headers["content-type"] == nil)
    }
  }

  @Test("bodies that are too large, broken or of the wrong type are refused")
  func bodies() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) {
      $0.maximumBodyBytes = 4096
    } body: { server in
      let large = try await server.request("POST", "/services/create", body: String(repeating: " ", count: 5000))
      #expect(large.status == 413)
      for body in ["", "{", "[]", "{} {}", "nonsense", String(repeating: "[", count: 2000)] {
        #expect(try await server.request("POST", "/services/create", body: body).status == 400, "\(body.prefix(10))")
      }
      let wrong = try await server.request("POST", "/services/create", body: #"{"Mode":{"Replicated":{"Replicas":-1}}}"#)
      #expect(wrong.status == 400)
      #expect(wrong.message?.contains("Mode.Replicated.Replicas") == true, "\(wrong.text)")
    }
  }

  @Test("the socket is for its owner alone, and goes away with the server")
  func socketFile() async throws {
    let path = try await RunningServer.with(ScriptedSwarm()) { server in
      let attributes = try FileManager.default.attributesOfItem(atPath: server.socketPath)
      #expect(attributes[.posixPermissions] as? Int == 0o600)
      return server.socketPath
    }
    #expect(!FileManager.default.fileExists(atPath: path))
  }

  @Test("a live server's socket is refused, and keeps working")
  func liveSocket() async throws {
    try await RunningServer.with(ScriptedSwarm()) { server in
      let configuration = EngineAPIConfiguration(endpoints: [try EngineEndpoint(server.host)])
      let second = try EngineAPIServer(backend: ScriptedSwarm(), configuration: configuration, logger: RunningServer.logger)
      let error = await #expect(throws: EngineAPIError.self) { try await second.run() }
      #expect(error?.code == .endpointInUse)
      #expect(try await server.request("GET", "/_ping").status == 200)
    }
  }

  @Test("a dead server's socket is replaced, another kind of file isn't")
  func staleSocket() async throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/api.sock"
    try Self.leaveStaleSocket(at: path)
    let (listening, continuation) = AsyncStream<[EngineEndpoint]>.makeStream()
    let configuration = EngineAPIConfiguration(endpoints: [try EngineEndpoint("unix://\(path)")])
    let server = try EngineAPIServer(backend: ScriptedSwarm(), configuration: configuration, logger: RunningServer.logger) {
      continuation.yield($0)
      continuation.finish()
    }
    await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      for await endpoints in listening { #expect(endpoints.map(\.description) == ["unix://\(path)"]) }
      group.cancelAll()
    }
    #expect(FileManager.default.createFile(atPath: path, contents: Data("mine".utf8)))
    let other = try EngineAPIServer(backend: ScriptedSwarm(), configuration: configuration, logger: RunningServer.logger)
    await #expect(throws: EngineAPIError.self) { try await other.run() }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")
  }

  @Test("a loopback port is served beside the socket, and port 0 becomes the one taken")
  func loopback() async throws {
    try await RunningServer.with(ScriptedSwarm(), extraEndpoints: ["tcp://127.0.0.1:0"]) { server in
      guard case .tcp(_, let port) = server.endpoints.last?.kind else {
        Issue.record("no TCP endpoint")
        return
      }
      #expect(port > 0)
      #expect(server.endpoints.count == 2)
    }
  }

  @Test(
    "a connection that nothing is asked on any more is closed, and so is one that never asked anything",
    arguments: [0, 1, 3]
  )
  func idle(requests: Int) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) {
      $0.idleTimeout = .milliseconds(200)
    } body: { server in
      try await RawClient.with(server) { client in
        var answer = client.pieces()
        for _ in 0..<requests {
          try await client.write("GET /_ping HTTP/1.1\r\nHost: a\r\n\r\n")
          #expect(try await answer.until("\r\n\r\nOK").hasPrefix("HTTP/1.1 200"))
        }
        #expect(try await answer.rest() == "")
      }
    }
  }

  @Test("requests are served side by side")
  func parallel() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      try await withThrowingTaskGroup(of: Int.self) { group in
        for _ in 0..<32 { group.addTask { try await server.request("GET", "/services?status=true").status } }
        for try await status in group { #expect(status == 200) }
      }
    }
  }

  @Test("a server that is cancelled while clients connect lets none of them fall")
  func cancelledWhileAccepting() async throws {
    for _ in 0..<20 {
      let clients = try await RunningServer.with(ScriptedSwarm()) { server in
        // The server's end comes while these wait to be accepted.
        try (0..<64).map { _ in try Self.connection(to: server.socketPath) }
      }
      for client in clients { close(client) }
    }
  }

  /// Binds a socket and closes it without removing its file, as a killed process does.
  private static func leaveStaleSocket(at path: String) throws {
    close(try unsafe self.socket(at: path) { unsafe bind($0, $1, $2) })
  }

  /// A connection that nobody has accepted yet.
  private static func connection(to path: String) throws -> Int32 {
    try unsafe self.socket(at: path) { unsafe connect($0, $1, $2) }
  }

  private static func socket(at path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32) throws -> Int32 {
    let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: Array(path.utf8)) }
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    try #require(result == 0)
    return descriptor
  }
}
