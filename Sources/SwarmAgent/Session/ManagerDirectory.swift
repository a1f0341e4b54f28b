// SPDX-License-Identifier: Apache-2.0

package import SwarmControl
internal import SwarmModel

/// Which manager to try next, and how long to wait before that.
///
/// A value without a clock.
///
/// All managers are tried one after the other without a pause; only when none of them had a session to give
/// is there a pause, which doubles from 50 ms to 8 s. A leader that a follower names is tried at once.
package struct ManagerDirectory: Sendable, Hashable {
  /// What to do next.
  package enum Attempt: Sendable, Hashable {
    /// Connect to this address.
    case connect(String)
    /// Wait, then ask again.
    case wait(Duration)
  }

  /// The shortest pause.
  package static let shortestPause = Duration.milliseconds(50)
  /// The longest pause.
  package static let longestPause = Duration.seconds(8)
  /// A session that lived for less doesn't count as a success.
  package static let stableAfter = Duration.seconds(2)

  private static let hintLimit = 3

  private let seeds: [String]
  private var known: [String] = []
  private var gossiped: [String] = []
  private var preferred: String?
  private var untried: [String] = []
  private var hint: String?
  private var hintsFollowed = 0
  private var pause = Self.shortestPause
  private var isPauseDue = false

  /// Creates a directory that knows the addresses that the node was given to join by.
  package init(seeds: [String]) {
    self.seeds = seeds
    self.beginRound()
  }

  /// The managers' addresses, as far as they are known.
  package var addresses: [String] {
    var all = self.known
    for address in self.gossiped + self.seeds where !all.contains(address) { all.append(address) }
    guard let preferred = self.preferred, let index = all.firstIndex(of: preferred) else { return all }
    return [preferred] + all[..<index] + all[(index + 1)...]
  }

  /// Takes over the list that a manager sent.
  ///
  /// Peers without an address are skipped; an empty list says nothing.
  package mutating func update(_ peers: [WeightedPeer]) {
    let addresses = peers.filter { !$0.address.isEmpty }
      .sorted { $0.weight != $1.weight ? $0.weight > $1.weight : $0.nodeID < $1.nodeID }
      .map(\.address)
    guard !addresses.isEmpty else { return }
    self.known = addresses
  }

  /// Takes over what the node has heard elsewhere: hints, tried after those that a manager named.
  package mutating func heard(_ addresses: [String]) {
    guard addresses != self.gossiped else { return }
    let news = addresses.filter { !self.addresses.contains($0) }
    self.gossiped = addresses
    self.untried += news
  }

  /// Says what to do next.
  package mutating func next() -> Attempt {
    if let hint = self.hint {
      self.hint = nil
      self.untried.removeAll { $0 == hint }
      return .connect(hint)
    }
    if self.isPauseDue || self.untried.isEmpty {
      let pause = self.pause
      self.pause = min(self.pause * 2, Self.longestPause)
      self.hintsFollowed = 0
      self.beginRound()
      return .wait(pause)
    }
    return .connect(self.untried.removeFirst())
  }

  /// The manager at an address gave no session, or took it back after a while.
  ///
  /// - Parameters:
  ///   - hint: the leader's address, if the manager named it.
  ///   - lifetime: how long the session lived; nil when there was none.
  package mutating func failed(_ address: String, hint: String? = nil, lifetime: Duration? = nil) {
    if let lifetime {
      self.preferred = address
      self.beginRound()
      if lifetime >= Self.stableAfter {
        self.pause = Self.shortestPause
        self.hintsFollowed = 0
      } else {
        self.isPauseDue = true
      }
    }
    guard let hint, !hint.isEmpty, hint != address, self.hintsFollowed < Self.hintLimit else { return }
    self.hintsFollowed += 1
    self.hint = hint
  }

  private mutating func beginRound() {
    self.isPauseDue = false
    self.untried = self.addresses
  }
}
