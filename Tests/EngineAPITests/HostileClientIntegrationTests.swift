// SPDX-License-Identifier: Apache-2.0

import APIFuzzing
import EngineAPI
import Foundation
import NIOCore
import TestTraits
import Testing

@Suite("Clients that mean no good", .serialized, .takingTurns, .timeLimit(.minutes(3)))
struct HostileClientIntegrationTests {
  /// Bytes of this process in memory.
  private static func residentMemory() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return try #require(text.split(separator: " ").dropFirst().first.flatMap { Int($0) }) * 4096
  }

  /// Asks for something else again and again while `body` runs; it must work each time.
  private static func whileOthersAsk(
    _ server: RunningServer,
    _ body: @escaping @Sendable () async throws -> Void
  ) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        while true {
          let answer = try await server.request("GET", "/v1.41/nodes")
          try #require(answer.status == 200, "\(answer)")
          try await Task.sleep(for: .milliseconds(5))
        }
      }
      group.addTask { try await body() }
      // The others never end by themselves, unless something is wrong.
      try await group.next()
      group.cancelAll()
    }
  }

  @Test("JSON that is 100,000 levels deep is refused", arguments: ["[", #"{"a":"#, #"{"TaskTemplate":{"PluginSpec":["#])
  func depth(opening: String) async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let body = String(repeating: opening, count: 100_000)
      for path in ["/services/create", "/services/x/update?version=1", "/swarm/init", "/plan"] {
        let answer = try await server.request("POST", path, body: body)
        #expect(answer.status == 400 || answer.status == 404, "\(path): \(answer.text.prefix(200))")
        #expect(answer.message?.isEmpty == false)
      }
      #expect(try await server.request("GET", "/services?filters=\(String(repeating: "%5B", count: 20_000))").status == 400)
      #expect(try await server.request("GET", "/_ping").status == 200)
    }
  }

  @Test("a body of a gigabyte is refused without being kept, others are served meanwhile, and the connection ends")
  func large() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) { server in
      let before = try Self.residentMemory()
      try await RawClient.with(server) { client in
        try await client.write("POST /services/create HTTP/1.1\r\nHost: a\r\nContent-Length: 1073741824\r\n\r\n")
        let status = try await client.answer()
        #expect(status.hasPrefix("HTTP/1.1 413"), "as soon as it is announced: \(status)")
      }
      try await Self.whileOthersAsk(server) {
        try await RawClient.with(server) { client in
          try await client.write("POST /services/create HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
          let chunk = ByteBuffer(string: "100000\r\n" + String(repeating: " ", count: 1 << 20) + "\r\n")
          try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
              do {
                for _ in 0..<1024 { try await client.outbound.write(chunk) }
              } catch {
                // The server has hung up before all was sent, as it may.
              }
            }
            let status = try await client.answer()
            #expect(status.hasPrefix("HTTP/1.1 413"), "\(status)")
            try await group.waitForAll()
          }
        }
      }
      #expect(try Self.residentMemory() - before < 128 << 20)
    }
  }

  @Test("a body that doesn't come is given up, whatever its length is said to be")
  func slow() async throws {
    try await RunningServer.with(ScriptedSwarm.active()) {
      $0.requestDeadline = .milliseconds(400)
    } body: { server in
      for length in ["Content-Length: 1000", "Transfer-Encoding: chunked"] {
        try await Self.whileOthersAsk(server) {
          try await RawClient.with(server) { client in
            try await client.write("POST /services/create HTTP/1.1\r\nHost: a\r\n\(length)\r\n\r\n1")
            try await withThrowingTaskGroup(of: Void.self) { group in
              group.addTask {
                // A byte now and then keeps nothing alive.
                while true {
                  try await Task.sleep(for: .milliseconds(50))
                  try await client.write("0")
                }
              }
              let status = try await client.answer()
              #expect(status.hasPrefix("HTTP/1.1 408"), "\(status)")
              group.cancelAll()
            }
          }
        }
      }
    }
  }

  @Test("random requests to every route get answers that make sense", .timeLimit(.minutes(5)))
  func fuzz() async throws {
    try await FuzzedNode.with { responder, _ in
      let fuzzer = APIFuzzer(responder)
      await fuzzer.run(requests: 3_000, seed: 4)
      let report = fuzzer.report
      #expect(report.requests == 3_000)
      #expect(report.findings.isEmpty, "\(report.findings)")
      #expect(report.totals[200, default: 0] > 100 && report.totals[201, default: 0] > 10 && report.totals[400, default: 0] > 100)
    }
  }
}
