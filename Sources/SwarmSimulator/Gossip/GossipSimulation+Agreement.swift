// SPDX-License-Identifier: Apache-2.0

internal import Gossip

extension GossipSimulation {
  /// Whether all running nodes hold exactly the running nodes for present, and agree on all records.
  public var isWhole: Bool {
    let running = self.runningNodes
    guard let first = running.first else { return true }
    let agreement = self.nodes[first].core.agreement
    for node in running {
      let core = self.nodes[node].core
      if core.agreement != agreement || core.presentCount != running.count { return false }
    }
    // All agree; so one of them may answer for all whether these are the right ones.
    let core = self.nodes[first].core
    for node in running {
      let own = self.nodes[node].core.own
      guard let seen = core.member(own.id), seen.epoch == own.epoch, seen.status.isPresent else { return false }
    }
    return true
  }

  /// Like ``isWhole``, and nobody is under suspicion.
  public var isCalm: Bool {
    self.isWhole
      && self.runningNodes.allSatisfy { node in
        self.nodes[node].core.allMembers.allSatisfy { $0.status != .suspect }
      }
  }
}
