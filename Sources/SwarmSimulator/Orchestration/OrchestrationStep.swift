// SPDX-License-Identifier: Apache-2.0

/// One thing that a plan does to the swarm.
struct OrchestrationStep: Sendable, CustomStringConvertible {
  /// What is done; to whom, and how, is drawn when it is done.
  enum Action: Int, CaseIterable, Sendable {
    // What users ask for
    case createService, updateService, scaleService, rollBack, removeService, stopOrStart, restartService, askTwice
    case changeNode, addNode, removeNode
    // What happens to nodes
    case endTask, restartAgent, losePower, cutNode, healNode, closeStream, registerAgain, lie, gossip, shrinkNode
    // What happens to managers
    case changeLeader, crashManager, installSnapshot, refuseProposals, jumpClock

    /// Whether users do it.
    var isRequest: Bool { self.rawValue <= Self.removeNode.rawValue }

    /// How often it is drawn, compared with the others; never when plans draw it apart.
    var weight: Int {
      switch self {
      case .shrinkNode: 0
      case .createService, .updateService, .endTask, .changeLeader: 4
      case .scaleService, .changeNode, .cutNode, .healNode, .lie: 3
      case .rollBack, .restartAgent, .losePower, .crashManager, .refuseProposals: 2
      default: 1
      }
    }
  }

  var time: Nanoseconds
  var action: Action
  /// What the step's own choices are drawn from.
  var chance: UInt64

  var description: String { "\(Double(self.time / 1_000_000) / 1_000) s: \(self.action)" }
}
