// SPDX-License-Identifier: Apache-2.0

/// Makes one tree of several compose files: parsed, with variables replaced if that is wanted, services extended, and merged in order.
struct ComposeLoader {
  private static let maximumExtensions = 32

  private let surroundings: ComposeSurroundings
  private let interpolates: Bool
  private var interpolation: Interpolation
  /// Files that services are extended from, by path.
  private var extended: [String: ComposeNode] = [:]
  /// Services that are complete, by file and name.
  private var complete: [[String]: ComposeNode] = [:]
  /// Where the relative paths of a file begin.
  private(set) var folders: [String: String] = [:]

  init(surroundings: ComposeSurroundings, interpolates: Bool = true) {
    self.surroundings = surroundings
    self.interpolates = interpolates
    self.interpolation = Interpolation(environment: surroundings.environment)
  }

  /// What the user should know.
  var notes: [String] {
    self.interpolation.missing.map { "The variable \"\($0)\" isn't set; an empty text stands in its place." }
  }

  mutating func load(_ files: [ComposeFile]) throws(ComposeError) -> ComposeNode {
    guard let first = files.first else { throw ComposeError("there is no compose file") }
    var result: ComposeNode?
    for file in files {
      self.folders[file.path] = self.folder(of: first.path)
      let tree = try self.extendServices(of: self.tree(file), file: file.path)
      result = result.map { TreeMerger.mergeFiles($0, tree) } ?? tree
    }
    return result ?? ComposeNode(.map(ComposeMap()), at: ComposePosition(file: first.path, line: 1, column: 1))
  }

  private mutating func tree(_ file: ComposeFile) throws(ComposeError) -> ComposeNode {
    var tree = try TreeBuilder.build(file)
    if self.interpolates { tree = try self.interpolation.interpolate(tree) }
    if tree.isNull { return ComposeNode(.map(ComposeMap()), at: tree.position) }
    guard let map = tree.map else { throw tree.refused("a compose file", "a map") }
    if let include = map.entry("include") {
      throw ComposeError("include isn't supported: name the files with several -c", at: include.position)
    }
    return tree
  }

  private mutating func extendServices(of tree: ComposeNode, file: String) throws(ComposeError) -> ComposeNode {
    guard var root = tree.map, var entry = root.entry("services"), let services = entry.value.map else { return tree }
    var extended = ComposeMap()
    for var service in services.entries {
      service.value = try self.extend(service.value, services: services, file: file, name: service.key, depth: 0)
      extended.set(service)
    }
    entry.value = ComposeNode(.map(extended), at: entry.value.position)
    root.set(entry)
    return ComposeNode(.map(root), at: tree.position)
  }

  /// A service laid over the one that it extends.
  private mutating func extend(
    _ service: ComposeNode,
    services: ComposeMap,
    file: String,
    name: String,
    depth: Int
  ) throws(ComposeError) -> ComposeNode {
    guard var map = service.map, let extends = map.entry("extends"), !extends.value.isNull else { return service }
    if let known = self.complete[[file, name]] { return known }
    guard depth < Self.maximumExtensions else {
      throw ComposeError(
        "services.\(name): services extend each other in a circle, or more than \(depth) deep",
        at: extends.position
      )
    }
    let path = "services.\(name).extends"
    var other = file
    let base: String
    if case .scalar = extends.value.content {
      base = try extends.value.text(path)
    } else {
      var reader = try MapReader(extends.value, path: path)
      guard let named = try reader.text("service") else {
        throw ComposeError("\(path): service is missing", at: extends.position)
      }
      base = named
      if let given = try reader.text("file") { other = self.resolve(given, from: file) }
      try reader.finish()
    }
    var siblings = services
    if other != file { siblings = try self.services(of: other, at: extends.position) }
    guard let below = siblings[base] else {
      throw ComposeError("\(path): there is no service \"\(base)\" in \(other)", at: extends.position)
    }
    let complete = try self.extend(below, services: siblings, file: other, name: base, depth: depth + 1)
    map.remove("extends")
    let merged = TreeMerger.merge(complete, ComposeNode(.map(map), at: service.position), key: nil)
    self.complete[[file, name]] = merged
    return merged
  }

  private mutating func services(of path: String, at position: ComposePosition) throws(ComposeError) -> ComposeMap {
    let tree: ComposeNode
    if let known = self.extended[path] {
      tree = known
    } else {
      let text: String
      do {
        text = String(decoding: try self.surroundings.readFile(path), as: UTF8.self)
      } catch {
        throw ComposeError("\(path) can't be read: \(error)", at: position)
      }
      if self.folders[path] == nil { self.folders[path] = self.folder(of: path) }
      tree = try self.tree(ComposeFile(path: path, text: text))
      self.extended[path] = tree
    }
    return tree.map?["services"]?.map ?? ComposeMap()
  }

  private func folder(of path: String) -> String {
    let folder = FilePath.folder(of: path)
    if folder.isEmpty { return self.surroundings.directory }
    return FilePath.resolve(folder, in: self.surroundings.directory, home: nil)
  }

  private func resolve(_ path: String, from file: String) -> String {
    FilePath.resolve(path, in: self.folders[file] ?? "", home: self.surroundings.environment["HOME"])
  }
}
