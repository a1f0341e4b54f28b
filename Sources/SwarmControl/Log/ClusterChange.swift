// SPDX-License-Identifier: Apache-2.0
package import SwarmModel

/// What to replace of the cluster object, all of it or nothing; parts that are `nil` stay as they are.
package struct ClusterChange: Sendable, Hashable {
  /// What the operator wants.
  package var spec: ClusterSpec?
  /// The certificate authority and the join tokens.
  package var rootCA: RootCA?
  /// The keys that nodes share; other subsystems' keys among them.
  package var networkKeys: [NetworkKey]?
  /// The keys that unlock managers.
  package var unlockKeys: [NetworkKey]?

  /// Creates a change; what is left out stays.
  package init(
    spec: ClusterSpec? = nil,
    rootCA: RootCA? = nil,
    networkKeys: [NetworkKey]? = nil,
    unlockKeys: [NetworkKey]? = nil
  ) {
    self.spec = spec
    self.rootCA = rootCA
    self.networkKeys = networkKeys
    self.unlockKeys = unlockKeys
  }

  /// The cluster with the change.
  func applied(to cluster: Cluster) -> Cluster {
    var cluster = cluster
    cluster.spec = self.spec ?? cluster.spec
    cluster.rootCA = self.rootCA ?? cluster.rootCA
    cluster.networkBootstrapKeys = self.networkKeys ?? cluster.networkBootstrapKeys
    cluster.unlockKeys = self.unlockKeys ?? cluster.unlockKeys
    return cluster
  }
}

extension ClusterChange: WireRecord {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    var networkKeys = self.networkKeys.map { Items(items: $0) }
    var unlockKeys = self.unlockKeys.map { Items(items: $0) }
    try fields.visit(1, &self.spec)
    try fields.visit(2, &self.rootCA)
    try fields.visit(3, &networkKeys)
    try fields.visit(4, &unlockKeys)
    self.networkKeys = networkKeys?.items
    self.unlockKeys = unlockKeys?.items
  }
}

/// A change of the cluster object of a certain version.
struct ClusterUpdate: WireRecord {
  var expected: Version?
  var change = ClusterChange()

  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.expected)
    try fields.visit(2, &self.change)
  }
}
