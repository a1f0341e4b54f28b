// SPDX-License-Identifier: Apache-2.0

internal import BenchmarkKit
internal import Glibc
internal import NIOCore
internal import NIOPosix

/// How long after the leader's end the next write is acknowledged.
enum Failover {
  /// How the leader ends.
  enum Way: String {
    /// SIGKILL: its connections break.
    case killed
    /// SIGSTOP: it falls silent, as behind a cut cable.
    case silent
  }

  /// Measures each time with a new group.
  static func measure(_ settings: GroupSettings, _ way: Way, samples: Int) async throws -> [Duration] {
    let loops = MultiThreadedEventLoopGroup(numberOfThreads: 1)
    var times: [Duration] = []
    for _ in 0..<samples { times.append(try await self.sample(settings, way, loops.next())) }
    try await loops.shutdownGracefully()
    return times.sorted()
  }

  private static func sample(_ settings: GroupSettings, _ way: Way, _ eventLoop: any EventLoop) async throws -> Duration {
    let group = try ProcessGroup(settings, eventLoop: eventLoop)
    let leader = try await group.leader()
    var others: [NIOLoopBound<ClientConnection>] = []
    for member in group.indices where member != leader { others.append(try await group.connect(to: member)) }
    // Not at the same moment of a heartbeat each time.
    try await Task.sleep(for: .milliseconds(200 + Int.random(in: 0..<100)))
    let began = ContinuousClock.now
    group.signal(leader, way == .killed ? SIGKILL : SIGSTOP)
    var time: Duration?
    while time == nil {
      for connection in others where try await connection.ask(.propose, [1], on: eventLoop)?.outcome == .done {
        time = ContinuousClock.now - began
        break
      }
      if time == nil { try await Task.sleep(for: .milliseconds(1)) }
    }
    try group.stop()
    return time ?? .zero
  }

  /// One object or line.
  static func text(_ times: [Duration], _ way: Way, electionTimeout: Int, json: Bool) -> String {
    func milliseconds(_ part: Double) -> Double { Percentiles(times)[part] / .milliseconds(1) }
    let (median, most) = (milliseconds(0.5), milliseconds(1))
    if json {
      return """
        {"implementation":"swift-swarm","mode":"failover","leader":"\(way.rawValue)","election_timeout_ms":\(electionTimeout),\
        "samples":\(times.count),"p50_ms":\(median),"max_ms":\(most)}
        """
    }
    return "failover: leader \(way.rawValue), election timeout \(electionTimeout) ms: next write after \(Int(median)) ms (p50), "
      + "\(Int(most)) ms (max of \(times.count))"
  }
}
