// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The place of a service that at most one task fills: a numbered slot, or for global services a node.
enum SlotKey: Sendable, Hashable, Comparable {
  case number(UInt64)
  case node(NodeID)

  init(_ task: SwarmTask) {
    self = task.slot == 0 ? .node(task.nodeID ?? NodeID()) : .number(task.slot)
  }

  /// A service has slots of one sort only, so which one it is needn't be in the hash.
  func hash(into hasher: inout Hasher) {
    switch self {
    case .number(let number): hasher.combine(number)
    case .node(let node): hasher.combine(node)
    }
  }

  static func < (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.number(let left), .number(let right)): left < right
    case (.node(let left), .node(let right)): left < right
    case (.number, .node): true
    case (.node, .number): false
    }
  }
}

/// A slot of a service.
struct SlotID: Sendable, Hashable, Comparable {
  let service: ServiceID
  let key: SlotKey

  static func < (left: Self, right: Self) -> Bool {
    left.service == right.service ? left.key < right.key : left.service < right.service
  }
}
