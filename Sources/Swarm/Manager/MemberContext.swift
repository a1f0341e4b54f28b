// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What the Raft group carries for each member: which node it is and where it listens.
struct MemberContext: Sendable, Hashable {
  private static let formatVersion: UInt8 = 1

  var nodeID: NodeID
  var address: String

  init(nodeID: NodeID, address: String) {
    self.nodeID = nodeID
    self.address = address
  }

  /// A version byte, the id's 25 characters, the address.
  var encoded: [UInt8] {
    [Self.formatVersion] + Array(self.nodeID.description.utf8) + Array(self.address.utf8)
  }

  /// Reads what ``encoded`` gives; `nil` for anything else.
  init?(decoding bytes: some Collection<UInt8>) {
    guard bytes.first == Self.formatVersion else { return nil }
    let rest = bytes.dropFirst()
    guard
      let id = NodeID(String(decoding: rest.prefix(25), as: UTF8.self)),
      let address = String(validating: rest.dropFirst(25), as: UTF8.self)
    else { return nil }
    self.init(nodeID: id, address: address)
  }
}
