// SPDX-License-Identifier: Apache-2.0

/// Reads the members of a map one by one; what is left in the end is a key that nobody knows.
struct MapReader {
  /// Where the map stands in its file, for example `services.web.deploy`.
  let path: String
  let position: ComposePosition
  private let map: ComposeMap
  private var known: [String] = []
  /// Keys that mean something elsewhere, but nothing in a swarm.
  private(set) var ignored: [ComposeMap.Entry] = []

  init(_ node: ComposeNode, path: String) throws(ComposeError) {
    if node.isNull {
      self.map = ComposeMap()
    } else if let map = node.map {
      self.map = map
    } else {
      throw node.refused(path, "a map")
    }
    self.path = path
    self.position = node.position
  }

  /// The value of a key; `nil` when it isn't there or says nothing.
  mutating func take(_ key: String) -> ComposeNode? {
    self.known.append(key)
    guard let value = self.map[key], !value.isNull else { return nil }
    return value
  }

  /// Whether the key is there, even if it says nothing.
  func has(_ key: String) -> Bool { self.map[key] != nil }

  func path(_ key: String) -> String { self.path.isEmpty ? key : "\(self.path).\(key)" }

  mutating func text(_ key: String) throws(ComposeError) -> String? {
    guard let node = self.take(key) else { return nil }
    return try node.text(self.path(key))
  }

  mutating func bool(_ key: String) throws(ComposeError) -> Bool? {
    guard let node = self.take(key) else { return nil }
    return try node.bool(self.path(key))
  }

  mutating func integer<Value: FixedWidthInteger>(_ key: String, as type: Value.Type = Value.self) throws(ComposeError) -> Value?
  {
    guard let node = self.take(key) else { return nil }
    return try node.integer(self.path(key))
  }

  mutating func duration(_ key: String) throws(ComposeError) -> Int64? {
    guard let node = self.take(key) else { return nil }
    return try node.duration(self.path(key))
  }

  mutating func bytes(_ key: String) throws(ComposeError) -> Int64? {
    guard let node = self.take(key) else { return nil }
    return try node.bytes(self.path(key))
  }

  mutating func labels(_ key: String) throws(ComposeError) -> [String: String]? {
    guard let node = self.take(key) else { return nil }
    return try node.labels(self.path(key))
  }

  mutating func texts(_ key: String) throws(ComposeError) -> [String]? {
    guard let node = self.take(key) else { return nil }
    return try node.texts(self.path(key))
  }

  mutating func textOrTexts(_ key: String) throws(ComposeError) -> [String]? {
    guard let node = self.take(key) else { return nil }
    return try node.textOrTexts(self.path(key))
  }

  mutating func command(_ key: String) throws(ComposeError) -> [String]? {
    guard let node = self.take(key) else { return nil }
    return try node.command(self.path(key))
  }

  /// A word out of a few.
  mutating func word(_ key: String, of words: [String]) throws(ComposeError) -> String? {
    guard let node = self.take(key) else { return nil }
    let expected = words.joined(separator: ", ")
    let word = try node.text(self.path(key), "one of \(expected)")
    guard words.contains(word) else { throw node.refused(self.path(key), "one of \(expected)") }
    return word
  }

  /// A map below this one.
  mutating func reader(_ key: String) throws(ComposeError) -> MapReader? {
    guard let node = self.take(key) else { return nil }
    return try MapReader(node, path: self.path(key))
  }

  /// The members of a map below this one whose keys are names; none when it isn't there.
  mutating func members(_ key: String) throws(ComposeError) -> [ComposeMap.Entry] {
    guard let node = self.take(key) else { return [] }
    guard let map = node.map else { throw node.refused(self.path(key), "a map") }
    return map.entries
  }

  /// Keys that are allowed and mean nothing in a swarm.
  mutating func ignore(_ keys: [String]) {
    self.known += keys
    self.ignored += keys.compactMap(self.map.entry).filter { !$0.value.isNull }
  }

  /// Refuses keys that nobody asked for; those with `x-` in front are the user's own.
  func finish() throws(ComposeError) {
    let known = Set(self.known)
    for entry in self.map.entries where !known.contains(entry.key) && !entry.key.hasPrefix("x-") {
      let place = self.path.isEmpty ? "" : "\(self.path): "
      let hint = Spelling.nearest(to: entry.key, in: self.known).map { "; did you mean \"\($0)\"?" } ?? ""
      throw ComposeError("\(place)unknown key \"\(entry.key)\"\(hint)", at: entry.position)
    }
  }
}
