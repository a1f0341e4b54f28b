// SPDX-License-Identifier: Apache-2.0

package import SwarmModel

/// What a node needs to gossip with the others.
///
/// Only our nodes ask for it: a Docker Engine doesn't know the call, and so gets neither keys nor addresses.
package struct GossipBootstrap: Sendable, Hashable {
  /// The swarm, which packets are bound to.
  package var label = ""
  /// The swarm's keys; only those of our gossip.
  package var keys: [NetworkKey] = []
  /// Where managers gossip, as `host:port`.
  package var seeds: [String] = []

  package init(label: String = "", keys: [NetworkKey] = [], seeds: [String] = []) {
    self.label = label
    self.keys = keys
    self.seeds = seeds
  }
}

extension GossipBootstrap: WireRecord {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.label)
    try fields.visit(2, &self.keys)
    try fields.visit(3, &self.seeds)
  }
}
