// SPDX-License-Identifier: Apache-2.0
internal import HashTreeCollections
internal import SwarmModel

/// How far nodes are on their way to another root certificate.
///
/// As SwarmKit's reconciler does it: nodes are told to ask for their next certificate, few at a time, and the old root certificate goes
/// when every node has shown that its certificate was signed by the new one.
package struct RootMove: Sendable, Hashable {
  /// How many nodes may be renewing at a time.
  package static let atOnce = 30

  /// Nodes that are to be told now, with the certificates that they have.
  package var toTell: [NodeStatusChange] = []
  /// Nodes that haven't moved yet, those told among them.
  package var remaining = 0

  /// Whether all have moved.
  package var isOver: Bool { self.remaining == 0 }

  /// Looks at all nodes.
  ///
  /// - Parameters:
  ///   - store: the leader's state.
  ///   - issuerName: the raw name of the new root certificate.
  ///   - issuerKey: its raw public key.
  package init(in store: Store, issuerName: [UInt8], issuerKey: [UInt8]) {
    var waiting: [Node] = []
    var underWay = 0
    for (_, box) in store.nodesByID {
      let node = box.value
      if let info = node.description?.tlsInfo, info.certIssuerSubject == issuerName, info.certIssuerPublicKey == issuerKey {
        continue
      }
      self.remaining += 1
      if node.certificate?.status.state == .rotate { underWay += 1 } else { waiting.append(node) }
    }
    waiting.sort { $0.id < $1.id }
    for node in waiting.prefix(max(Self.atOnce - underWay, 0)) {
      guard var certificate = node.certificate, certificate.status.state == .issued else { continue }
      certificate.status.state = .rotate
      self.toTell.append(NodeStatusChange(id: node.id, certificate: certificate))
    }
  }
}
