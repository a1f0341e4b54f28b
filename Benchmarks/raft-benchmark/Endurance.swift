// SPDX-License-Identifier: Apache-2.0

internal import Foundation
internal import NIOCore
internal import RaftNIO

/// Whether memory stays flat over very many proposals.
enum Endurance {
  /// Runs until so many proposals are applied, and tells what the process holds after each tenth of them.
  ///
  /// - Throws: when the last fifth holds more than a quarter more than the one in the middle.
  static func measure(_ settings: GroupSettings, proposals: Int, clients: Int, payload: Int, json: Bool) async throws {
    let (group, leader) = try await LocalGroup.start(settings)
    let load = try await ClosedLoop.start(leader, .propose, clients: clients, payload: payload)
    var completed = 0
    var held: [Int] = []
    while held.count < 10 {
      try await Task.sleep(for: .milliseconds(20))
      completed += try await load.take(on: leader.eventLoop).completed
      guard completed >= proposals / 10 * (held.count + 1) else { continue }
      held.append(try Self.resident())
      let megabytes = Double(held[held.count - 1]) / 1e6
      print(
        json
          ? "{\"implementation\":\"swift-swarm\",\"mode\":\"endurance\",\"proposals\":\(completed),\"resident_mb\":\(megabytes)}"
          : "after \(completed) proposals \(Int(megabytes)) MB are resident"
      )
    }
    try await load.stop(on: leader.eventLoop)
    try await group.stop()
    guard held[8...9].reduce(0, +) * 4 <= held[4...5].reduce(0, +) * 5 else { throw BenchmarkError("memory grows") }
  }

  private static func resident() throws -> Int {
    let fields = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8).split(separator: " ")
    guard fields.count > 1, let pages = Int(fields[1]) else { throw BenchmarkError("memory can't be read") }
    return pages * 4096
  }
}
