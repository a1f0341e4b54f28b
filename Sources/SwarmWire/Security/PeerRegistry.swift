// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import NIOCore
internal import Synchronization

/// Who is at the other end of each open connection, for the calls that come on it.
///
/// gRPC tells a call both addresses of its connection, and no other open connection has the same two. What isn't found here counts as nobody.
final class PeerRegistry: Sendable {
  private struct Key: Hashable {
    var remote: String
    var local: String
  }

  private struct Entry {
    var channel: ObjectIdentifier
    var connection: SecuredConnection
  }

  private let entries = Mutex<[Key: Entry]>([:])

  /// Remembers a connection until it is closed; `false` when its addresses can't be told.
  func insert(_ peer: Peer?, of channel: any Channel) -> Bool {
    guard let remote = Self.text(channel.remoteAddress), let local = Self.text(channel.localAddress) else { return false }
    let key = Key(remote: remote, local: local)
    let id = ObjectIdentifier(channel)
    self.entries.withLock { $0[key] = Entry(channel: id, connection: SecuredConnection(peer: peer)) }
    channel.closeFuture.whenComplete { _ in
      self.entries.withLock { entries in
        if entries[key]?.channel == id { entries[key] = nil }
      }
    }
    return true
  }

  /// The connection that a call came on; `nil` for one that isn't secured.
  func connection(of context: ServerContext) -> SecuredConnection? {
    self.entries.withLock { $0[Key(remote: context.remotePeer, local: context.localPeer)]?.connection }
  }

  /// Writes an address as gRPC does.
  private static func text(_ address: SocketAddress?) -> String? {
    guard let address, let host = address.ipAddress, let port = address.port else { return nil }
    switch address {
    case .v4: return "ipv4:\(host):\(port)"
    case .v6: return "ipv6:[\(host)]:\(port)"
    case .unixDomainSocket: return nil
    }
  }
}
