// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// The changes of one turn, cut into entries of bounded size.
struct Draft: Sendable {
  private let maximumEntrySize: Int
  private var closed: [[Change]] = []
  private var open: [Change] = []
  private var openSize = 0
  /// The size of everything drafted, in bytes, roughly.
  private(set) var size = 0

  init(maximumEntrySize: Int) {
    self.maximumEntrySize = maximumEntrySize
  }

  var isEmpty: Bool { self.closed.isEmpty && self.open.isEmpty }

  /// Adds a change.
  ///
  /// - Returns: The position of the entry that it is in.
  mutating func append(_ change: Change) -> Int {
    let size = change.estimatedSize
    if !self.open.isEmpty, self.openSize + size > self.maximumEntrySize {
      self.closed.append(self.open)
      self.open = []
      self.openSize = 0
    }
    self.open.append(change)
    self.openSize += size
    self.size += size
    return self.closed.count
  }

  /// The changes entry by entry; the draft is empty afterwards.
  mutating func takeEntries() -> [[Change]] {
    defer { self = Draft(maximumEntrySize: self.maximumEntrySize) }
    return self.open.isEmpty ? self.closed : self.closed + [self.open]
  }
}

extension Change {
  /// The most items that a drafted change has, so that a change with short texts fits an entry.
  static var maximumItems: Int { 1_024 }

  /// The encoded size in bytes, rather too high than too low.
  ///
  /// Only what the control loop makes in bulk is measured closely.
  var estimatedSize: Int {
    switch self {
    case .createTasks(_, _, _, let tasks): 80 + tasks.reduce(0) { $0 + 96 + ($1.err?.utf8.count ?? 0) + $1.generic.count * 64 }
    case .assignTasks(let items): 16 + items.reduce(0) { $0 + 64 + $1.generic.count * 64 }
    case .pendingReasons(let items): 16 + items.reduce(0) { $0 + 48 + $1.err.utf8.count }
    case .desiredStates(let items): 16 + items.count * 40
    case .taskStatuses(let items): 16 + items.reduce(0) { $0 + $1.estimatedSize }
    case .removeTasks(let items): 16 + items.count * 32
    case .nodeStatuses(let items): 16 + items.reduce(0) { $0 + ($1.description == nil ? 256 : 4_096) }
    case .putCluster, .updateClusterSpec, .replaceRootCA, .changeCluster, .putNode, .updateNodeSpec, .createService,
      .updateService:
      16_384
    case .createSecret(let secret): 1_024 + secret.spec.data.count
    case .createConfig(let config): 1_024 + config.spec.data.count
    case .updateSecret, .updateConfig, .createNetwork: 16_384
    case .allocate(_, _, let endpoint): 256 + endpoint.ports.count * 128 + endpoint.virtualIPs.count * 64
    case .removeNode, .updateStatus, .removeService, .removeSecret, .removeConfig, .removeNetwork,
      .runJob, .stopService, .expireClients:
      512
    }
  }
}

extension TaskStatusChange {
  fileprivate var estimatedSize: Int {
    let container = self.status.container.map { 32 + $0.containerID.utf8.count } ?? 0
    let ports = (self.status.portStatus?.ports.count ?? 0) * 64
    return 192 + self.status.message.utf8.count + self.status.err.utf8.count + container + ports
      + self.status.unknownFields.bytes.count
  }
}

extension Array {
  /// The elements in pieces of a bounded length.
  func pieces(of length: Int) -> [[Element]] {
    guard self.count > length else { return self.isEmpty ? [] : [self] }
    return stride(from: 0, to: self.count, by: length).map { start in
      Array(self[start..<Swift.min(start + length, self.count)])
    }
  }
}
