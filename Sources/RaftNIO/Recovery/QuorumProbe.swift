// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import Raft

/// Finds out which members of a group are there, by asking each of them a question that changes nothing.
///
/// Lives on an event loop.
final class QuorumProbe {
  private let transport: PeerTransport
  private let member: RaftID
  private let membership: Membership
  private let eventLoop: any EventLoop
  private let promise: EventLoopPromise<Set<RaftID>>
  private var answered: Set<RaftID> = []
  private var isDone = false

  private static let interval: TimeAmount = .milliseconds(50)

  /// Asks everybody but `configuration`'s member for as long as `patience`, or until a majority has answered.
  init(
    _ configuration: RaftNodeConfiguration,
    _ membership: Membership,
    patience: Duration,
    eventLoop: any EventLoop,
    logger: Logger
  ) {
    self.transport = PeerTransport(configuration, eventLoop: eventLoop, logger: logger)
    self.member = configuration.member
    self.membership = membership
    self.eventLoop = eventLoop
    self.promise = eventLoop.makePromise()
    self.transport.delegate = self
    self.transport.update(membership)
    self.eventLoop.assumeIsolated().scheduleTask(in: TimeAmount(patience)) { self.finish() }
    self.ask()
  }

  /// Who answered.
  var result: EventLoopFuture<Set<RaftID>> { self.promise.futureResult }

  private func ask() {
    guard !self.isDone else { return }
    for other in self.membership.members where other.id != self.member && !self.answered.contains(other.id) {
      // Nobody grants a pre-vote for term 0, and everybody says so.
      let candidacy = Message.Candidacy(term: .zero, last: .zero)
      self.transport.send(Message(from: self.member, to: other.id, term: .zero, body: .preVoteRequest(candidacy)))
    }
    self.transport.flush()
    self.eventLoop.assumeIsolated().scheduleTask(in: Self.interval) { self.ask() }
  }

  private func finish() {
    guard !self.isDone else { return }
    self.isDone = true
    self.transport.close()
    self.promise.succeed(self.answered)
  }
}

extension QuorumProbe: PeerTransport.Delegate {
  func received(_ frame: PeerFrame, from peer: RaftID, on connection: PeerConnection) {
    guard !self.isDone, case .message = frame else { return }
    self.answered.insert(peer)
    if self.membership.hasQuorum({ $0 == self.member || self.answered.contains($0) }) { self.finish() }
  }

  func readEnded() {}

  func peerFound(_ peer: RaftID) {}

  func peerLost(_ peer: RaftID, _ reason: DisconnectReason) {}

  func connectionRefused(from peer: RaftID?, _ reason: String) {}
}
