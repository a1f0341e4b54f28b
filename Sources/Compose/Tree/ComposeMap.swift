// SPDX-License-Identifier: Apache-2.0

/// The members of a map, in their order.
struct ComposeMap: Hashable, Sendable {
  /// A key with its place and its value.
  struct Entry: Hashable, Sendable {
    var key: String
    var position: ComposePosition
    var value: ComposeNode
  }

  private(set) var entries: [Entry] = []
  private var places: [String: Int] = [:]

  init(_ entries: [Entry] = []) {
    for entry in entries { self.set(entry) }
  }

  subscript(key: String) -> ComposeNode? { self.entry(key)?.value }

  func entry(_ key: String) -> Entry? { self.places[key].map { self.entries[$0] } }

  /// Puts an entry in the place of the one with its key, else behind the others.
  mutating func set(_ entry: Entry) {
    if let place = self.places[entry.key] {
      self.entries[place] = entry
    } else {
      self.places[entry.key] = self.entries.count
      self.entries.append(entry)
    }
  }

  mutating func remove(_ key: String) {
    guard self.places[key] != nil else { return }
    self = Self(self.entries.filter { $0.key != key })
  }
}
