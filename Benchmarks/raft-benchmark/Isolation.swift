// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Glibc
internal import NIOCore
internal import Raft
internal import RaftNIO
internal import Synchronization

/// Whether one member that is slow or hangs costs the others anything.
///
/// Each trouble is measured right behind a healthy stretch of the same group: same leader, same load.
enum Isolation {
  /// What ails the member.
  enum Trouble: String, CaseIterable {
    /// What two stretches of the same differ by on this machine.
    case nothing
    /// What every trouble of a follower comes to at best: a majority has to wait for the one follower that is left, and not for the faster of two.
    case noFollower = "follower that was shut down"
    case slowFollower = "slow follower"
    case hungFollower = "hung follower"
    case slowDisk = "slow disk of a follower"
    case hungDisk = "hung disk of a follower"
    case slowLeaderDisk = "slow disk of the leader"
    case slowMachine = "slow state machine of a follower"
    case hungMachine = "hung state machine of a follower"

    var isLeader: Bool { self == .slowLeaderDisk }
    fileprivate var isHung: Bool { self == .hungFollower || self == .hungDisk || self == .hungMachine }
    fileprivate var pause: UInt32 { self.isHung ? 0 : 20_000 }
  }

  /// Medians of p50 and p99 with and without the trouble, over some rounds.
  static func measure(
    _ settings: GroupSettings,
    _ trouble: Trouble,
    clients: Int,
    payload: Int,
    seconds: Double,
    rounds: Int
  ) async throws -> String {
    let switches = Switches(members: settings.members)
    let (group, leader) = try await LocalGroup.start(
      settings,
      machine: { id in CountingMachine { switches[id].pass(.machine) } },
      configure: { configuration in
        let own = switches[configuration.member]
        configuration.faults = StorageFaults { _ in
          own.pass(.disk)
          return false
        }
      }
    )
    guard let patient = group.nodes.first(where: { ($0 === leader) == trouble.isLeader }) else { return "" }
    let own = switches[patient.configuration.member]
    let load = try await ClosedLoop.start(leader, settings.operation, clients: clients, payload: payload)
    try await Task.sleep(for: .seconds(seconds / 2))
    func stretch() async throws -> LatencyHistogram {
      _ = try await load.take(on: leader.eventLoop)
      try await Task.sleep(for: .seconds(seconds))
      return try await load.take(on: leader.eventLoop).latencies
    }
    var (healthy, troubled): ([LatencyHistogram], [LatencyHistogram]) = ([], [])
    if trouble == .noFollower {
      // It doesn't come back.
      for _ in 0..<rounds { healthy.append(try await stretch()) }
      await patient.shutdown()
      for _ in 0..<rounds { troubled.append(try await stretch()) }
    } else {
      for _ in 0..<rounds {
        healthy.append(try await stretch())
        own.begin(trouble, on: patient.eventLoop)
        try await Task.sleep(for: .seconds(seconds / 4))
        troubled.append(try await stretch())
        own.end()
        // It catches up before the next round.
        try await Task.sleep(for: .seconds(seconds))
      }
    }
    let isStillLeader = try await leader.status().role == .leader
    try await load.stop(on: leader.eventLoop)
    try await group.stop()
    guard isStillLeader else { throw BenchmarkError("the leader changed while there was a \(trouble.rawValue)") }
    func change(_ part: Double) -> String {
      let before = Percentiles(healthy.map { $0[part] })[0.5]
      let during = Percentiles(troubled.map { $0[part] })[0.5]
      // Each stretch is compared with the one right before it, for a shared machine is slower now and then.
      let ratios = zip(healthy, troubled).map { $1[part] / $0[part] }.sorted()
      let percent = Int(((ratios[ratios.count / 2]) - 1) * 100)
      return "\(Int(before / .microseconds(1))) µs before, \(Int(during / .microseconds(1))) µs during it (\(percent) %)"
    }
    return "\(trouble.rawValue), \(clients) clients: p50 \(change(0.5)), p99 \(change(0.99))"
  }
}

/// Lets members' parts pass, or holds them up.
private final class Switches: Sendable {
  private let members: [Switch]

  init(members: Int) { self.members = (0..<members).map { _ in Switch() } }

  subscript(member: RaftID) -> Switch { self.members[Int(member.rawValue) - 1] }
}

/// Holds up one member's parts.
private final class Switch: Sendable {
  enum Part { case loop, disk, machine }

  private let trouble = Mutex<Isolation.Trouble?>(nil)

  func begin(_ trouble: Isolation.Trouble, on eventLoop: any EventLoop) {
    self.trouble.withLock { $0 = trouble }
    if trouble.part == .loop { eventLoop.execute { self.hold(eventLoop) } }
  }

  func end() { self.trouble.withLock { $0 = nil } }

  /// Half of the time, the loop does nothing.
  private func hold(_ eventLoop: any EventLoop) {
    self.pass(.loop)
    guard self.trouble.withLock({ $0 }) != nil else { return }
    eventLoop.scheduleTask(in: .milliseconds(20)) { self.hold(eventLoop) }
  }

  /// Called on the part's own thread.
  func pass(_ part: Part) {
    guard let trouble = self.trouble.withLock({ $0 }), trouble.part == part else { return }
    usleep(trouble.pause)
    while trouble.isHung, self.trouble.withLock({ $0 }) != nil { usleep(1000) }
  }
}

extension Isolation.Trouble {
  fileprivate var part: Switch.Part? {
    switch self {
    case .nothing, .noFollower: nil
    case .slowFollower, .hungFollower: .loop
    case .slowDisk, .hungDisk, .slowLeaderDisk: .disk
    case .slowMachine, .hungMachine: .machine
    }
  }
}
