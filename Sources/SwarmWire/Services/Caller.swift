// SPDX-License-Identifier: Apache-2.0

internal import GRPCCore
internal import SwarmIdentity
internal import SwarmModel

/// Who makes a call.
struct Caller {
  /// What the caller's certificate says, or on a port in the clear what the caller says it is.
  private let node: String?
  /// Who the caller's certificate says it is; `nil` without one, and on a port in the clear.
  let identity: PeerIdentity?
  /// The address that the call came from, without a port; empty when there is none.
  ///
  /// Of a call that a manager passed on, it is the address that the manager saw.
  let address: String
  /// Whether the caller's software is this library's, which says what SwarmKit's doesn't.
  let isOurs: Bool
  /// Whether a manager that doesn't lead passed the call on, for somebody who has no certificate.
  let isForwarded: Bool

  init(metadata: Metadata, context: ServerContext) {
    let named = metadata[stringValues: MetadataKey.node].first { _ in true }
    self.isOurs = named != nil
    let caller = context.transportSpecific as? AuthorizedCaller
    // Only managers are believed that they speak for others.
    let origin = caller?.identity?.role == .manager ? metadata[stringValues: MetadataKey.redirect].first { _ in true } : nil
    self.isForwarded = origin != nil
    if let origin {
      self.identity = nil
      self.node = nil
      self.address = origin
      return
    }
    self.identity = caller?.identity
    self.node = caller.map { $0.identity?.nodeID.description } ?? named
    // gRPC writes `ipv4:127.0.0.1:2377` or `ipv6:[::1]:2377`.
    let peer = context.remotePeer
    let start = peer.firstIndex(of: ":").map(peer.index(after:)) ?? peer.startIndex
    self.address = (try? NetworkAddress(String(peer[start...])).host) ?? ""
  }

  /// The calling node, if it is one already; throws `invalidArgument` when its id is none.
  var optionalNodeID: NodeID? {
    get throws(SwarmError) {
      guard let node = self.node else { return nil }
      return try NodeID(wire: node)
    }
  }

  /// The calling node; throws `permissionDenied` when the caller doesn't say.
  var nodeID: NodeID {
    get throws(SwarmError) {
      guard let id = try self.optionalNodeID else {
        throw SwarmError(code: .permissionDenied, message: "the caller doesn't say which node it is")
      }
      return id
    }
  }
}
