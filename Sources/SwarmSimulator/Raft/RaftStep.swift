// SPDX-License-Identifier: Apache-2.0

/// One thing that a plan does to the group.
struct RaftStep: Sendable, CustomStringConvertible {
  var time: Nanoseconds
  var action: Action

  var description: String { "\(milliseconds(self.time)) \(self.action)" }

  /// Whom it hits: chosen when it happens, from who is there then.
  enum Pick: Sendable, CustomStringConvertible {
    case leader
    /// Of several leaders the one of the oldest term, which may not know yet that it was replaced.
    case oldestLeader
    case any(Int)

    var description: String {
      switch self {
      case .leader: "the leader"
      case .oldestLeader: "the oldest leader"
      case .any(let number): "member #\(number)"
      }
    }
  }

  enum Direction: Int, Sendable {
    case both, inbound, outbound
  }

  enum Change: Sendable {
    case addVoter, addLearner, addWitness, promote, remove, removeLeader, update, prioritize, replace
  }

  enum Action: Sendable {
    case crash(Pick, power: Bool, downFor: Nanoseconds)
    /// Dies in its next turn, after it sent that many messages.
    case crashInsideTurn(Pick, afterMessages: Int, downFor: Nanoseconds)
    case pause(Pick, Nanoseconds)
    case isolate(Pick, Direction, Nanoseconds)
    /// Those whose bit is set don't hear from the others, and the other way round.
    case split(Int, Nanoseconds)
    case cutLink(from: Pick, to: Pick, Nanoseconds)
    case loseConnection(Pick, Pick)
    case stallDisk(Pick, Nanoseconds)
    case fillDisk(Pick, Nanoseconds)
    case failSync(Pick, downFor: Nanoseconds)
    case rot(Pick, downFor: Nanoseconds)
    case jumpClock(Pick, Nanoseconds)
    case stallMachine(Pick, Nanoseconds)
    case snapshot(Pick)
    case transfer(Pick)
    case forgetLeader(Pick)
    /// Something that was synced is gone. No group has to bear that: it shows that the simulator notices.
    case loseSynced(Pick)
    case change(Change, Pick)
    case operation(client: Int, ClientOperation, at: Pick)
  }
}

/// What a client wants.
///
/// The value of a write is the client's to choose, so that no two are the same.
enum ClientOperation: Sendable {
  case get(key: Int)
  case put(key: Int)
  /// Swaps when the value is still the one that this client saw last.
  case swap(key: Int)
}

extension RaftStep.Action {
  /// The kind of fault or work, for taking away all of a kind at once.
  var kind: String {
    switch self {
    case .crash: "crash"
    case .crashInsideTurn: "crash inside a turn"
    case .pause: "pause"
    case .isolate, .split, .cutLink: "cut"
    case .loseConnection: "lost connection"
    case .stallDisk: "stalled disk"
    case .fillDisk: "full disk"
    case .failSync: "failed sync"
    case .rot: "rot"
    case .jumpClock: "clock"
    case .stallMachine: "stalled machine"
    case .snapshot: "snapshot"
    case .transfer: "transfer"
    case .forgetLeader: "forgotten leader"
    case .loseSynced: "lying disk"
    case .change: "change"
    case .operation: "operation"
    }
  }
}

extension RaftStep.Action: CustomStringConvertible {
  var description: String {
    switch self {
    case .crash(let pick, let power, let time): "\(pick) \(power ? "loses power" : "is killed") for \(milliseconds(time))"
    case .crashInsideTurn(let pick, let count, let time):
      "\(pick) dies in its next turn after \(count) messages, for \(milliseconds(time))"
    case .pause(let pick, let time): "\(pick) is paused for \(milliseconds(time))"
    case .isolate(let pick, let direction, let time): "\(pick) is cut off (\(direction)) for \(milliseconds(time))"
    case .split(let mask, let time): "the network splits by \(String(mask, radix: 2)) for \(milliseconds(time))"
    case .cutLink(let from, let to, let time): "\(from) isn't heard by \(to) for \(milliseconds(time))"
    case .loseConnection(let one, let other): "the connection of \(one) and \(other) breaks"
    case .stallDisk(let pick, let time): "the disk of \(pick) hangs for \(milliseconds(time))"
    case .fillDisk(let pick, let time): "the disk of \(pick) is full for \(milliseconds(time))"
    case .failSync(let pick, let time): "the next sync of \(pick) fails; down for \(milliseconds(time))"
    case .rot(let pick, let time): "a bit rots on the disk of \(pick), which is down for \(milliseconds(time))"
    case .jumpClock(let pick, let time): "the clock of \(pick) jumps by \(milliseconds(time))"
    case .stallMachine(let pick, let time): "the state machine of \(pick) hangs for \(milliseconds(time))"
    case .snapshot(let pick): "\(pick) takes a snapshot"
    case .transfer(let pick): "leadership goes to \(pick)"
    case .forgetLeader(let pick): "\(pick) forgets its leader"
    case .loseSynced(let pick): "the disk of \(pick) loses what it had synced"
    case .change(let change, let pick): "membership change: \(change) \(pick)"
    case .operation(let client, let operation, let pick): "client \(client) asks \(pick) to \(operation)"
    }
  }
}

private func milliseconds(_ time: Nanoseconds) -> String { "\(Double(time / 1000) / 1000) ms" }
