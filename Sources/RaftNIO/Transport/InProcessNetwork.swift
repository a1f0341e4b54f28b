// SPDX-License-Identifier: Apache-2.0

internal import Logging
internal import NIOCore
internal import Raft
internal import Synchronization

/// Connects members in one process without sockets; for hosts that run a whole group in one process, and for tests.
///
/// Give the same network to each member's ``RaftNodeConfiguration/network``. Members on one event loop talk without any
/// thread switch.
public final class InProcessNetwork: Sendable {
  /// Where a member takes connections.
  struct Endpoint: Sendable {
    var identity: ObjectIdentifier
    var eventLoop: any EventLoop
    var transport: NIOLoopBoundBox<PeerTransport?>
  }

  private let endpoints = Mutex<[RaftID: Endpoint]>([:])
  /// By event loop.
  private let mails = Mutex<[ObjectIdentifier: NIOLoopBound<InProcessMail>]>([:])

  /// A network without members.
  public init() {}

  /// Whoever dials a member reaches this transport from now on, until it is taken away.
  func register(_ transport: PeerTransport, as member: RaftID, on eventLoop: any EventLoop) {
    let endpoint = Endpoint(
      identity: ObjectIdentifier(transport),
      eventLoop: eventLoop,
      transport: NIOLoopBoundBox(transport, eventLoop: eventLoop)
    )
    self.endpoints.withLock { $0[member] = endpoint }
  }

  /// Nobody reaches this transport any more; the next life of the member may be there already.
  func unregister(_ transport: PeerTransport, as member: RaftID) {
    self.endpoints.withLock { endpoints in
      if endpoints[member]?.identity == ObjectIdentifier(transport) { endpoints[member] = nil }
    }
  }

  /// Dials a member.
  ///
  /// - Parameter completion: called on the dialling connection's event loop, with `nil` when it may be used, or with why not.
  func dial(
    _ handshake: PeerFrame.Handshake,
    _ connection: InProcessConnection,
    on eventLoop: any EventLoop,
    completion: @escaping (String?) -> Void
  ) {
    guard let endpoint = self.endpoints.withLock({ $0[handshake.to] }) else {
      return completion("member \(handshake.to) isn't there")
    }
    let mail = eventLoop === endpoint.eventLoop ? self.mail(on: eventLoop) : nil
    let box = NIOLoopBoundBox<InProcessConnection?>(connection, eventLoop: eventLoop)
    let near = InProcessConnection.Other(eventLoop: eventLoop, connection: box, mail: mail)
    let answer = NIOLoopBound(completion, eventLoop: eventLoop)
    endpoint.eventLoop.execute {
      let result = Self.accept(handshake, near, at: endpoint)
      eventLoop.execute {
        switch result {
        case .success(let far):
          near.connection.value?.connect(to: far)
          answer.value(nil)
        case .failure(let refusal):
          answer.value(refusal.reason)
        }
      }
    }
  }

  private struct Refusal: Error {
    var reason: String
  }

  /// Runs on the event loop of the member that is dialled.
  private static func accept(
    _ handshake: PeerFrame.Handshake,
    _ near: InProcessConnection.Other,
    at endpoint: Endpoint
  ) -> Result<InProcessConnection.Other, Refusal> {
    guard let transport = endpoint.transport.value else { return .failure(Refusal(reason: "the member is gone")) }
    let connection = InProcessConnection(peer: nil, isOutbound: false, owner: transport, eventLoop: endpoint.eventLoop)
    connection.connect(to: near)
    if let reason = connection.opened(by: handshake) { return .failure(Refusal(reason: reason)) }
    let box = NIOLoopBoundBox<InProcessConnection?>(connection, eventLoop: endpoint.eventLoop)
    return .success(InProcessConnection.Other(eventLoop: endpoint.eventLoop, connection: box, mail: near.mail))
  }

  /// The mail of an event loop, on which the caller is.
  private func mail(on eventLoop: any EventLoop) -> NIOLoopBound<InProcessMail> {
    self.mails.withLock { mails in
      let mail = mails[ObjectIdentifier(eventLoop)] ?? NIOLoopBound(InProcessMail(on: eventLoop), eventLoop: eventLoop)
      mails[ObjectIdentifier(eventLoop)] = mail
      return mail
    }
  }
}
