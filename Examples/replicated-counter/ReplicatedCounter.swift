// SPDX-License-Identifier: Apache-2.0

import Foundation
import Raft

@main
struct ReplicatedCounter {
  static func main() async throws {
    let directory = FileManager.default.temporaryDirectory.appending(path: "replicated-counter-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: directory) }
    let members = [RaftID(1), RaftID(2), RaftID(3)]
    let group = Group(directory: directory.path())
    for id in members { try await group.start(id) }

    var (leader, value) = try await group.increment()
    print("member \(leader) was elected; the counter is \(value)")
    for _ in 0..<4 { (leader, value) = try await group.increment() }
    print("after four more increments it is \(value)")

    print("member \(leader) is killed")
    let began = ContinuousClock.now
    await group.kill(leader)
    let (successor, next) = try await group.increment()
    print("member \(successor) leads; the next increment gave \(next) after \(ContinuousClock.now - began)")

    try await group.start(leader)
    for id in members { print("member \(id) counts \(try await group.value(at: id) ?? 0)") }
    await group.stop()
  }
}
