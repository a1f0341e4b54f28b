// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import Glibc
internal import NIOCore
internal import NIOPosix
internal import NIOSSL

/// Members as processes of their own, with mutual TLS everywhere.
final class ProcessGroup {
  private struct Member {
    var process: Process
    var input: Pipe
    var port: Int
    var clientPort: Int
  }

  private var members: [Member] = []
  private let directory: String
  private let tls: NIOSSLContext
  let eventLoop: any EventLoop

  /// Starts the members, and tells everybody where the others are.
  init(_ settings: GroupSettings, eventLoop: any EventLoop) throws {
    self.directory = "\(settings.directory)/raft-benchmark-\(UUID().uuidString)"
    self.eventLoop = eventLoop
    try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
    self.tls = try Certificates.make(in: self.directory).client
    for member in 1...settings.members { try self.start(member, settings) }
    let ports = self.members.map { "\($0.port)" }.joined(separator: " ") + "\n"
    for member in self.members { try member.input.fileHandleForWriting.write(contentsOf: Data(ports.utf8)) }
  }

  private func start(_ member: Int, _ settings: GroupSettings) throws {
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    let timeout = Int(settings.electionTimeout / .milliseconds(1))
    process.arguments = [
      "member", "--directory", self.directory, "--certificates", self.directory, "--member", "\(member)",
      "--nodes", "\(settings.members)", "--storage", settings.storage.rawValue, "--op", settings.operation.rawValue,
      "--election-timeout", "\(timeout)",
    ]
    let (input, output) = (Pipe(), Pipe())
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    let ports = line.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
    guard ports.count == 2 else { throw BenchmarkError("member \(member) didn't start") }
    self.members.append(Member(process: process, input: input, port: ports[0], clientPort: ports[1]))
  }

  /// Positions of the members.
  var indices: Range<Int> { self.members.indices }

  /// A connection to a member.
  func connect(to member: Int) async throws -> NIOLoopBound<ClientConnection> {
    try await ClientConnection.connect(to: self.members[member].clientPort, self.tls, on: self.eventLoop)
  }

  /// Waits for a leader.
  func leader() async throws -> Int {
    var connections: [NIOLoopBound<ClientConnection>] = []
    for member in self.indices { connections.append(try await self.connect(to: member)) }
    while true {
      for (member, connection) in connections.enumerated()
      where try await connection.ask(.isLeader, on: self.eventLoop)?.outcome == .done {
        guard try await connection.ask(.propose, [0], on: self.eventLoop)?.outcome == .done else { continue }
        for connection in connections { self.eventLoop.execute { connection.value.close() } }
        return member
      }
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// A number that all members together have.
  func sum(_ operation: ClientProtocol.Request.Operation) async throws -> Int {
    var sum = 0
    for member in self.indices { sum += try await self.number(operation, of: member) }
    return sum
  }

  /// A number that a member has.
  func number(_ operation: ClientProtocol.Request.Operation, of member: Int) async throws -> Int {
    let connection = try await self.connect(to: member)
    let answer = try await connection.ask(operation, on: self.eventLoop)
    self.eventLoop.execute { connection.value.close() }
    return Int(answer?.value ?? 0)
  }

  /// Sends a signal to a member.
  func signal(_ member: Int, _ signal: Int32) {
    kill(self.members[member].process.processIdentifier, signal)
  }

  /// Processor time of all members, counted by the kernel in hundredths of a second.
  var cpu: Duration {
    var ticks = 0
    for member in self.members {
      let path = "/proc/\(member.process.processIdentifier)/stat"
      guard let text = try? String(contentsOfFile: path, encoding: .utf8), let end = text.lastIndex(of: ")") else { continue }
      let fields = text[end...].split(separator: " ")
      ticks += (Int(fields[12]) ?? 0) + (Int(fields[13]) ?? 0)
    }
    return .milliseconds(ticks * 10)
  }

  /// Memory that a member holds, in bytes.
  func memory(of member: Int) -> Int {
    let path = "/proc/\(self.members[member].process.processIdentifier)/statm"
    let fields = (try? String(contentsOfFile: path, encoding: .utf8))?.split(separator: " ") ?? []
    return fields.count > 1 ? (Int(fields[1]) ?? 0) * 4096 : 0
  }

  /// Ends everybody and removes what they wrote.
  func stop() throws {
    for member in self.members {
      kill(member.process.processIdentifier, SIGKILL)
      member.process.waitUntilExit()
    }
    try FileManager.default.removeItem(atPath: self.directory)
  }
}
