// SPDX-License-Identifier: Apache-2.0

/// Puts one compose file, or one service, over another.
///
/// Maps are merged, single values and commands are replaced, lists are appended to. What has a key in a list (a port, a mount, a
/// variable) replaces what has the same key. `!override` replaces whatever was there, `!reset` removes it.
struct TreeMerger {
  /// Lists that are one value.
  private static let commands: Set<String> = ["command", "entrypoint", "test"]
  /// Lists of `key=value` that may be maps as well.
  private static let pairs: Set<String> = ["environment", "labels", "sysctls", "driver_opts", "options", "annotations"]
  /// Lists of names that may be maps as well.
  private static let names: Set<String> = ["networks", "depends_on"]
  /// Sections whose keys are the user's.
  private static let sections: Set<String> = ["services", "networks", "volumes", "configs", "secrets"]

  /// One whole file over another.
  static func mergeFiles(_ base: ComposeNode, _ override: ComposeNode) -> ComposeNode {
    guard let below = base.map, let above = override.map else { return override.isNull ? base : override }
    var merged = below
    for entry in above.entries {
      guard Self.sections.contains(entry.key), let old = below[entry.key]?.map, let new = entry.value.map else {
        Self.put(entry, into: &merged)
        continue
      }
      var section = old
      for member in new.entries { Self.put(member, key: nil, into: &section) }
      merged.set(
        ComposeMap.Entry(key: entry.key, position: entry.position, value: ComposeNode(.map(section), at: entry.value.position))
      )
    }
    return ComposeNode(.map(merged), at: base.position)
  }

  /// One value over another.
  ///
  /// - Parameter key: The key that both have, when it means something by itself.
  static func merge(_ base: ComposeNode, _ override: ComposeNode, key: String?) -> ComposeNode {
    if override.precedence != .merged || base.isNull { return override }
    if override.isNull { return base }
    if let key, Self.commands.contains(key) { return override }
    var base = base
    var override = override
    if let key, Self.pairs.contains(key) {
      base = Self.asMap(base, splitting: true)
      override = Self.asMap(override, splitting: true)
    } else if let key, Self.names.contains(key) {
      base = Self.asMap(base, splitting: false)
      override = Self.asMap(override, splitting: false)
    }
    switch (base.content, override.content) {
    case (.map(let below), .map(let above)):
      var merged = below
      for entry in above.entries { Self.put(entry, into: &merged) }
      return ComposeNode(.map(merged), at: override.position)
    case (.list(let below), .list(let above)):
      return ComposeNode(.list(Self.append(above, to: below, key: key)), at: override.position)
    case (.scalar, .list(let above)):
      return ComposeNode(.list(Self.append(above, to: [base], key: key)), at: override.position)
    default: return override
    }
  }

  private static func put(_ entry: ComposeMap.Entry, into map: inout ComposeMap) {
    Self.put(entry, key: entry.key, into: &map)
  }

  private static func put(_ entry: ComposeMap.Entry, key: String?, into map: inout ComposeMap) {
    guard entry.value.precedence != .resetting else { return map.remove(entry.key) }
    var entry = entry
    if let old = map[entry.key] { entry.value = Self.merge(old, entry.value, key: key) }
    map.set(entry)
  }

  private static func append(_ new: [ComposeNode], to old: [ComposeNode], key: String?) -> [ComposeNode] {
    var result = old
    var places: [String: Int] = [:]
    for (place, node) in old.enumerated() { places[ElementKey.of(node, in: key)] = place }
    for node in new {
      let name = ElementKey.of(node, in: key)
      if let place = places[name] {
        result[place] = node
      } else {
        places[name] = result.count
        result.append(node)
      }
    }
    return result
  }

  /// A list as the map that it stands for; anything else as it is.
  private static func asMap(_ node: ComposeNode, splitting: Bool) -> ComposeNode {
    guard case .list(let elements) = node.content else { return node }
    var map = ComposeMap()
    for element in elements {
      guard case .scalar(let text, _) = element.content else { return node }
      let nothing = ComposeNode(.scalar("", isPlain: true), at: element.position)
      var entry = ComposeMap.Entry(key: text, position: element.position, value: nothing)
      if splitting, let separator = text.firstIndex(of: "=") {
        entry.key = String(text[..<separator])
        entry.value = .text(String(text[text.index(after: separator)...]), at: element.position)
      }
      map.set(entry)
    }
    return ComposeNode(.map(map), at: node.position)
  }
}
