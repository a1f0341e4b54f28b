// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What a node says about itself by gossip.
struct GossipNote: Sendable, Hashable {
  var role = NodeRole.worker
  /// Where a manager's one port is, as `host:port`; empty on workers.
  ///
  /// A hint: who answers there is proved there.
  var address = ""
}

extension GossipNote: WireRecord {
  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.role)
    try fields.visit(2, &self.address)
  }
}
