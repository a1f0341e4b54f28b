// SPDX-License-Identifier: Apache-2.0

internal import Yams

/// Turns YAML text into a tree: aliases and merge keys become copies of what they stand for.
///
/// Any text gives a tree or an error. What aliases can blow up to is bounded by ``maximumNodes``, and so is the depth.
struct TreeBuilder {
  /// How long a file may be, in bytes.
  static let maximumLength = 4 << 20
  /// How many values a file may have once its aliases are written out.
  static let maximumNodes = 100_000
  private static let maximumDepth = 64

  private let file: String
  private var nodes = 0

  private init(file: String) { self.file = file }

  /// The tree of a file; an empty file is an empty map.
  static func build(_ file: ComposeFile) throws(ComposeError) -> ComposeNode {
    var builder = Self(file: file.path)
    let start = ComposePosition(file: file.path, line: 1, column: 1)
    guard file.text.utf8.count <= Self.maximumLength else {
      throw ComposeError("the file is longer than \(Self.maximumLength >> 20) MiB", at: start)
    }
    do {
      try AliasGuard.check(file.text)
    } catch {
      throw ComposeError(error.message, at: start)
    }
    let root: Node?
    do {
      root = try Yams.Parser(yaml: file.text, encoding: .utf8).singleRoot()
    } catch {
      throw Self.explain(error, file: file.path)
    }
    guard let root else { return ComposeNode(.map(ComposeMap()), at: start) }
    return try builder.node(root, depth: 0, at: start)
  }

  private mutating func node(_ node: Node, depth: Int, at outer: ComposePosition) throws(ComposeError) -> ComposeNode {
    let position = node.mark.map { ComposePosition(file: self.file, line: $0.line, column: $0.column) } ?? outer
    self.nodes += 1
    guard self.nodes <= Self.maximumNodes else {
      throw ComposeError("the aliases of the file stand for more than \(Self.maximumNodes) values", at: outer)
    }
    guard depth < Self.maximumDepth else {
      throw ComposeError("lists and maps are nested more than \(Self.maximumDepth) deep", at: position)
    }
    var result: ComposeNode
    let tag: String
    switch node {
    case .scalar(let scalar):
      result = ComposeNode(.scalar(scalar.string, isPlain: Self.isPlain(scalar)), at: position)
      tag = scalar.tag.rawValue
    case .sequence(let sequence):
      var elements: [ComposeNode] = []
      for element in sequence { elements.append(try self.node(element, depth: depth + 1, at: position)) }
      result = ComposeNode(.list(elements), at: position)
      tag = sequence.tag.rawValue
    case .mapping(let mapping):
      result = ComposeNode(.map(try self.map(mapping, depth: depth, at: position)), at: position)
      tag = mapping.tag.rawValue
    case .alias:
      throw ComposeError("an alias stands for nothing", at: position)
    }
    if tag == "!reset" { result.precedence = .resetting } else if tag == "!override" { result.precedence = .replacing }
    return result
  }

  private mutating func map(_ mapping: Node.Mapping, depth: Int, at outer: ComposePosition) throws(ComposeError) -> ComposeMap {
    var map = ComposeMap()
    var defaults: [ComposeMap] = []
    for (key, value) in mapping {
      let position = key.mark.map { ComposePosition(file: self.file, line: $0.line, column: $0.column) } ?? outer
      guard case .scalar(let scalar) = key else { throw ComposeError("a key must be a word", at: position) }
      let node = try self.node(value, depth: depth + 1, at: position)
      guard scalar.string == "<<", Self.isPlain(scalar) else {
        map.set(ComposeMap.Entry(key: scalar.string, position: position, value: node))
        continue
      }
      switch node.content {
      case .map(let merged): defaults.append(merged)
      case .list(let elements):
        for element in elements {
          guard let merged = element.map else { throw ComposeError("<< takes maps, not \(element.kind)", at: position) }
          defaults.append(merged)
        }
      case .scalar: throw ComposeError("<< takes maps, not \(node.kind)", at: position)
      }
    }
    // What the map says itself counts, then the first of what it merges.
    for merged in defaults {
      for entry in merged.entries where map[entry.key] == nil { map.set(entry) }
    }
    return map
  }

  private static func isPlain(_ scalar: Node.Scalar) -> Bool {
    (scalar.style == .plain || scalar.style == .any) && scalar.tag.rawValue != "tag:yaml.org,2002:str"
  }

  private static func explain(_ error: any Error, file: String) -> ComposeError {
    func at(_ mark: Mark) -> ComposePosition { ComposePosition(file: file, line: mark.line, column: mark.column) }
    let start = ComposePosition(file: file, line: 1, column: 1)
    switch error as? YamlError {
    case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
      .composer(let context, let problem, let mark, _):
      return ComposeError("invalid YAML: \(context.map { "\($0.text), " } ?? "")\(problem)", at: at(mark))
    case .duplicatedKeysInMapping(let duplicates, let context):
      return ComposeError("the key \"\(duplicates.first ?? "")\" stands there more than once", at: at(context.mark))
    case .reader(let problem, _, _, _): return ComposeError("invalid YAML: \(problem)", at: start)
    case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, nil:
      return ComposeError("invalid YAML: \(error)", at: start)
    }
  }
}
