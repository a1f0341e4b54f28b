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
    self.isWhole && self.runningNodes.allSatisfy { !self.nodes[$0].core.hasSuspicions }
  }

  /// Who disagrees with the truth about whom; empty when nobody does.
  public var disagreements: [String] {
    var found: [String] = []
    for observer in self.runningNodes {
      let core = self.nodes[observer].core
      for subject in self.nodes.indices {
        let own = self.nodes[subject].core.own
        let seen = core.member(own.id)
        let isPresent = seen?.status.isPresent ?? false
        if isPresent != self.isRunning(subject) || seen?.status == .suspect || (isPresent && seen?.incarnation != own.incarnation)
        {
          let sight = seen.map { "\($0.status) \($0.epoch).\($0.incarnation)" } ?? "unknown"
          let truth = self.isRunning(subject) ? "runs" : "is gone"
          found.append(
            "node \(observer) (health \(core.health)) has \(sight) for node \(subject), which \(truth) at \(own.epoch).\(own.incarnation)"
          )
        }
        if self.isRunning(subject), core.recordCount != self.nodes[subject].core.recordCount, subject > observer {
          found.append(
            "node \(observer) has \(core.recordCount) records, node \(subject) \(self.nodes[subject].core.recordCount)"
          )
        }
      }
    }
    return found
  }
}
