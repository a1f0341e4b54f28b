// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// What a node has of the resources that its host names itself, and how much of it is free.
///
/// A task reserves a number of things of a kind. Where a node counts them, it gets that many; where a node names them, it gets names, and
/// keeps them as long as it runs.
struct GenericStock: Sendable, Hashable {
  private var counted: [String: Int64] = [:]
  /// The free names, sorted.
  private var named: [String: [String]] = [:]

  init() {}

  /// What a node without any tasks has.
  init(_ resources: [GenericResource]) {
    for resource in resources { self.put(resource) }
  }

  var isEmpty: Bool { self.counted.isEmpty && self.named.isEmpty }

  /// How many things of the kind are free.
  func free(_ kind: String) -> Int64 {
    (self.counted[kind] ?? 0) + Int64(self.named[kind]?.count ?? 0)
  }

  /// How many times the demand can be met.
  func capacity(for demand: [GenericDemand], limit: Int) -> Int {
    demand.reduce(limit) { min($0, Int(clamping: max(0, self.free($1.kind)) / $1.count)) }
  }

  /// Takes what a task needs; names first, the lowest ones first.
  ///
  /// - Returns: What the task gets.
  mutating func claim(_ demand: [GenericDemand]) -> [GenericResource] {
    var claimed: [GenericResource] = []
    for need in demand {
      var left = need.count
      while left > 0, let name = self.named[need.kind]?.first {
        self.named[need.kind]?.removeFirst()
        claimed.append(.named(kind: need.kind, value: name))
        left -= 1
      }
      guard left > 0 else { continue }
      self.counted[need.kind, default: 0] -= left
      claimed.append(.discrete(kind: need.kind, value: left))
    }
    return claimed
  }

  /// Puts back what a task had.
  mutating func put(_ resource: GenericResource) {
    switch resource {
    case .discrete(let kind, let value): self.counted[kind, default: 0] += value
    case .named(let kind, let value):
      var names = self.named[kind] ?? []
      let position = names.firstIndex { $0 >= value } ?? names.endIndex
      // A thing is there once, whoever says it is free.
      guard position == names.endIndex || names[position] != value else { return }
      names.insert(value, at: position)
      self.named[kind] = names
    }
  }

  /// Whether the very thing, or so many of its kind, are free.
  func has(_ resource: GenericResource) -> Bool {
    switch resource {
    case .discrete(let kind, let value): self.counted[kind] ?? 0 >= value
    case .named(let kind, let value): self.named[kind]?.contains(value) ?? false
    }
  }

  /// Takes what a task has.
  mutating func take(_ resource: GenericResource) {
    switch resource {
    case .discrete(let kind, let value): self.counted[kind, default: 0] -= value
    case .named(let kind, let value): self.named[kind]?.removeAll { $0 == value }
    }
  }
}

/// How many things of a kind each task of a class needs.
struct GenericDemand: Sendable, Hashable {
  let kind: String
  let count: Int64

  /// The demands of a reservation, summed up by kind and in its order; a named thing counts as one of its kind.
  static func of(_ resources: [GenericResource]) -> [GenericDemand] {
    var kinds: [String] = []
    var counts: [String: Int64] = [:]
    for resource in resources {
      let count = if case .discrete(_, let value) = resource { value } else { Int64(1) }
      guard count > 0 else { continue }
      if counts[resource.kind] == nil { kinds.append(resource.kind) }
      counts[resource.kind, default: 0] += count
    }
    return kinds.map { GenericDemand(kind: $0, count: counts[$0] ?? 0) }
  }
}
