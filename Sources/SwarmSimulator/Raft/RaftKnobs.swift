// SPDX-License-Identifier: Apache-2.0

internal import Raft

/// What holds for a whole run.
///
/// Every seed draws its own, so that each kind of trouble is rare in some runs and the rule in
/// others.
struct RaftKnobs: Sendable {
  struct Network: Sendable {
    var minimumDelay: Nanoseconds = .microseconds(100)
    var spread: Nanoseconds = .microseconds(400)
    var lossPerMille = 0
    var duplicationPerMille = 0
    /// Messages of one link stay in order, as those of a connection do.
    var isOrdered = true
    /// A dead process closes its connections, and others notice.
    var reportsLostPeers = true
  }

  /// How a run ends.
  enum Finish: Sendable {
    /// All faults stop and every member comes back.
    case everybody
    /// A quorum gets well, the others are gone for ever.
    case quorum
  }

  var members = 3
  var configuration = RaftConfiguration()
  var network = Network()
  var diskDelay: Nanoseconds = .microseconds(200)
  var segmentSize = 16 << 10
  /// How long events gather before a member's next turn; 0 gives each event a turn of its own.
  var turnDelay: Nanoseconds = 0
  /// How long applying takes; 0 is at once.
  var machineDelay: Nanoseconds = 0
  /// Applied entries after which a member takes a snapshot by itself; 0 is never.
  var snapshotEvery = 0
  /// How snapshots go to others.
  var snapshotPolicy = SnapshotSending.Policy()
  /// In millionths.
  var drift = 0
  var clients = 4
  var keys = 4
  var padding = 16
  /// How long a client may be silent, by the time in entries.
  var sessionLifetime = Duration.seconds(3_600)
  var finish = Finish.everybody
  /// The phase with faults.
  var trouble: Nanoseconds = .milliseconds(6_000)

  var electionTimeout: Nanoseconds { self.configuration.electionTimeout.nanoseconds }

  /// Draws the knobs of a seed.
  init(_ random: inout SeededStream) {
    func sometimes(_ value: Int) -> Int { random.below(2) == 0 ? value : 0 }
    self.members = random.one(of: [1, 2, 3, 3, 3, 5, 5, 4])
    let election = random.one(of: [150, 250, 400])
    self.configuration = RaftConfiguration(
      electionTimeout: .milliseconds(election),
      heartbeatInterval: .milliseconds(election / random.one(of: [3, 5, 8])),
      leaderLossDelay: .milliseconds(5) ... .milliseconds(30),
      storageStallTimeout: .milliseconds(random.one(of: [400, 1_000])),
      snapshotTimeout: .milliseconds(random.one(of: [500, 2_000])),
      replication: .init(
        messageBytes: random.one(of: [100, 1_000, 100_000]),
        inFlightMessages: random.one(of: [1, 4, 64]),
        inFlightBytes: random.one(of: [1_000, 20_000])
      ),
      limits: .init(
        uncommittedBytes: random.one(of: [500, 5_000, 50_000]),
        applyingBytes: random.one(of: [200, 2_000, 100_000]),
        promotionLag: random.one(of: [0, 5, 50])
      ),
      memory: .init(
        tailBytes: random.one(of: [200, 1_000, 100_000]),
        trailingEntries: random.one(of: [0, 3, 20, 100]),
        trailingBytes: random.one(of: [100, 2_000, 1 << 20])
      ),
      leaseReads: random.below(3) == 0 ? .init(clockDriftLimit: 0.1) : nil
    )
    self.network.spread = .microseconds(random.one(of: [200, 1_000, 8_000, 40_000]))
    self.network.lossPerMille = sometimes(random.one(of: [5, 30, 150]))
    self.network.duplicationPerMille = sometimes(random.one(of: [10, 100]))
    self.network.isOrdered = random.below(3) == 0
    self.network.reportsLostPeers = random.below(2) == 0
    self.diskDelay = .microseconds(random.one(of: [50, 300, 3_000, 20_000]))
    self.segmentSize = random.one(of: [4, 8, 32]) << 10
    self.turnDelay = .microseconds(random.one(of: [0, 0, 50, 1_000]))
    self.machineDelay = .microseconds(random.one(of: [0, 0, 200, 10_000]))
    self.snapshotEvery = random.one(of: [0, 15, 60])
    self.drift = random.one(of: [0, 500, 20_000])
    self.clients = random.within(2...6)
    self.keys = random.within(1...6)
    self.padding = random.one(of: [0, 30, 300, 1_500])
    self.finish = random.below(3) == 0 ? .quorum : .everybody
    self.trouble = .milliseconds(random.within(2_000...6_000))
    self.sessionLifetime = .seconds(random.one(of: [1, 5, 3_600, 3_600]))
    self.snapshotPolicy = SnapshotSending.Policy(
      pieceLength: random.one(of: [64, 200, 4_000]),
      window: random.one(of: [64, 500, 10_000]),
      rate: random.one(of: [nil, nil, 5_000, 50_000]),
      timeout: .milliseconds(random.one(of: [300, 1_500]))
    )
  }

  /// Five members with usual timeouts on a good network, and nothing goes wrong.
  static var steady: RaftKnobs {
    var random = SeededStream(seed: 0)
    var knobs = RaftKnobs(&random)
    knobs.members = 5
    knobs.configuration = RaftConfiguration()
    knobs.network = Network()
    knobs.diskDelay = .microseconds(200)
    knobs.segmentSize = 64 << 10
    knobs.turnDelay = 0
    knobs.machineDelay = 0
    knobs.snapshotEvery = 200
    knobs.snapshotPolicy = SnapshotSending.Policy()
    knobs.sessionLifetime = .seconds(3_600)
    knobs.drift = 500
    knobs.clients = 4
    knobs.keys = 4
    knobs.padding = 100
    knobs.finish = .everybody
    knobs.trouble = .milliseconds(20_000)
    return knobs
  }
}
