// SPDX-License-Identifier: Apache-2.0

public import NIOCore
public import NIOPosix
public import Raft

/// How members reach each other.
public struct PeerNetwork: Sendable {
  enum Kind: Sendable {
    case channels(any PeerChannels)
    case inProcess(InProcessNetwork)
  }

  let kind: Kind

  private init(_ kind: Kind) { self.kind = kind }

  /// Plain TCP: for networks that others protect.
  public static let tcp = Self(.channels(PlainChannels()))

  /// Channels that the host dials, and adds handlers to; with the trait `Security` there is ``mutualTLS(_:)``, too.
  public static func channels(_ channels: any PeerChannels) -> Self { Self(.channels(channels)) }

  /// Members in one process, without sockets.
  ///
  /// ``RaftNodeConfiguration/listen`` and ``RaftNodeConfiguration/address`` don't matter then.
  public static func inProcess(_ network: InProcessNetwork) -> Self { Self(.inProcess(network)) }
}

/// Makes the channels of a node.
///
/// Raft's handler comes last in their pipelines; it reads and writes `ByteBuffer`s as soon as the channel is active, so
/// that what stands before it (TLS) must hold back what can't go yet. Calls come on the node's event loop.
public protocol PeerChannels: Sendable {
  /// Dials a member.
  ///
  /// - Parameters:
  ///   - bootstrap: on the node's event loop, with the options that Raft wants.
  ///   - member: whom.
  ///   - address: what the node's ``RaftNodeConfiguration/address`` says about it.
  func connect(_ bootstrap: ClientBootstrap, to member: Member, at address: PeerAddress) -> EventLoopFuture<any Channel>

  /// Adds handlers to a channel that the node's own listener accepted.
  ///
  /// Channels that ``RaftNode/accept(_:)`` gets have theirs already.
  func prepare(accepted channel: any Channel) throws
}

/// TCP and nothing else.
struct PlainChannels: PeerChannels {
  func connect(_ bootstrap: ClientBootstrap, to member: Member, at address: PeerAddress) -> EventLoopFuture<any Channel> {
    bootstrap.connect(host: address.host, port: address.port)
  }

  func prepare(accepted channel: any Channel) {}
}
