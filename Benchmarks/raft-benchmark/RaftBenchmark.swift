// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Foundation

/// How fast a Raft group is: closed-loop clients, one outstanding proposal each.
@main
struct RaftBenchmark: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "raft-benchmark",
    abstract: "Measures a Raft group with closed-loop clients."
  )

  /// What is between the members.
  enum Mode: String, ExpressibleByArgument, CaseIterable {
    /// One thread steps all members, with a window of proposals.
    case core
    case mem, tcp, tls, process
  }

  /// What a member writes to.
  enum Storage: String, ExpressibleByArgument, CaseIterable {
    /// Writes are done at once.
    case memory
    case wal
    case walNoSync = "wal-nosync"
  }

  /// What clients ask for.
  enum Operation: String, ExpressibleByArgument, CaseIterable {
    case propose, readindex, lease
  }

  @Option(help: "core, mem, tcp, tls or process.")
  var mode = Mode.core
  @Option(help: "memory, wal or wal-nosync.")
  var storage = Storage.memory
  @Option(help: "Members, 1, 3, 5 or 7.")
  var nodes = 3
  @Option(help: "Numbers of clients, with commas; a row each. In mode core: the window.")
  var clients = "1,64,256,1000"
  @Option(help: "Bytes per proposal, with commas; rows each.")
  var payload = "128"
  @Option(help: "propose, readindex or lease.")
  var op = Operation.propose
  @Option(help: "Seconds per row, after a warm-up of a quarter of that.")
  var seconds = 3.0
  @Option(help: "The seed of all chance.")
  var seed: UInt64 = 1
  @Flag(help: "Print one JSON object per row.")
  var json = false

  func validate() throws {
    guard [1, 3, 5, 7].contains(self.nodes) else { throw ValidationError("--nodes must be 1, 3, 5 or 7") }
    guard self.seconds > 0 else { throw ValidationError("--seconds must be positive") }
    guard Self.numbers(self.clients)?.allSatisfy({ 1...100_000 ~= $0 }) == true else {
      throw ValidationError("--clients must be numbers from 1 to 100000")
    }
    guard Self.numbers(self.payload)?.allSatisfy({ 1...(4 << 20) ~= $0 }) == true else {
      throw ValidationError("--payload must be numbers from 1 to 4194304")
    }
    guard self.mode == .core else { throw ValidationError("mode \(self.mode.rawValue) isn't there yet") }
    guard self.storage == .memory else { throw ValidationError("mode core has no storage but memory") }
    guard self.op == .propose else { throw ValidationError("mode core only proposes") }
  }

  func run() throws {
    let limits = try PhysicalLimits.measure(in: NSTemporaryDirectory())
    if !self.json {
      print(limits.description)
      print(Row.head)
    }
    for payload in Self.numbers(self.payload) ?? [] {
      for clients in Self.numbers(self.clients) ?? [] {
        var loop = try CoreLoop(members: self.nodes, window: clients, payload: payload, seed: self.seed)
        let row = try loop.measure(seconds: self.seconds)
        print(self.json ? row.json : row.line)
      }
    }
  }

  private static func numbers(_ text: String) -> [Int]? {
    let numbers = text.split(separator: ",").map { Int($0) }
    return numbers.isEmpty || numbers.contains(nil) ? nil : numbers.compactMap(\.self)
  }
}
