// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Reads the tree of a compose file and collects what its stack needs.
struct StackBuilder {
  /// A section of secrets or configs: what each name stands for, and what is used of it.
  struct Files {
    var byName: [String: StackFile] = [:]
    var usedNames: Set<String> = []

    var used: [StackFile] { self.usedNames.sorted().compactMap { self.byName[$0] } }
  }

  /// A named volume.
  struct Volume {
    var name: String
    var labels: [String: String]?
    var driver: Engine.Driver?
  }

  let name: String
  let surroundings: ComposeSurroundings
  /// Where relative paths begin, by file.
  let folders: [String: String]

  var networks: [String: StackNetwork] = [:]
  var usedNetworkNames: Set<String> = []
  var volumes: [String: Volume] = [:]
  var secrets = Files()
  var configs = Files()
  /// The services that the file has, read or not.
  var serviceNames: Set<String> = []
  var services: [(name: String, spec: Engine.ServiceSpec)] = []
  /// By service, those that it depends on, with the place where that is said.
  var dependencies: [String: [Dependency]] = [:]
  var notes: [String] = []

  init(name: String, surroundings: ComposeSurroundings, folders: [String: String]) {
    self.name = name
    self.surroundings = surroundings
    self.folders = folders
  }

  var usedNetworks: [StackNetwork] { self.usedNetworkNames.sorted().compactMap { self.networks[$0] } }

  mutating func read(_ tree: ComposeNode) throws(ComposeError) {
    var root = try MapReader(tree, path: "")
    root.ignore(["version"])
    if let name = root.take("name"), try name.text("name") != self.name {
      self.note("name: a stack has the name that it is deployed by, here \(self.name)", at: name.position)
    }
    for entry in try root.members("networks") { try self.readNetwork(entry) }
    for entry in try root.members("volumes") { try self.readVolume(entry) }
    for entry in try root.members("secrets") { self.secrets.byName[entry.key] = try self.file(entry, section: "secrets") }
    for entry in try root.members("configs") { self.configs.byName[entry.key] = try self.file(entry, section: "configs") }
    let services = try root.members("services")
    try root.finish()
    guard !services.isEmpty else { throw ComposeError("the file has no services", at: tree.position) }
    self.serviceNames = Set(services.map(\.key))
    for entry in services { try self.readService(entry) }
  }

  /// Tells the user something about a place in a file.
  mutating func note(_ text: String, at position: ComposePosition) { self.notes.append("\(position): \(text)") }

  /// Names the keys of a map that mean nothing in a swarm.
  mutating func noteIgnored(by reader: MapReader) {
    for entry in reader.ignored { self.note("\(reader.path(entry.key)) is ignored in a swarm", at: entry.position) }
  }

  /// The labels of an object of this stack.
  func labelled(_ labels: [String: String]?) -> [String: String] {
    var labelled = labels ?? [:]
    labelled[Stack.namespaceLabel] = self.name
    return labelled
  }

  func scoped(_ name: String) -> String { "\(self.name)_\(name)" }

  func resolve(_ path: String, at position: ComposePosition) -> String {
    FilePath.resolve(path, in: self.folders[position.file] ?? "", home: self.surroundings.environment["HOME"])
  }

  func read(_ path: String, at position: ComposePosition) throws(ComposeError) -> [UInt8] {
    let resolved = self.resolve(path, at: position)
    do {
      return try self.surroundings.readFile(resolved)
    } catch {
      throw ComposeError("\(resolved) can't be read: \(error)", at: position)
    }
  }

  /// Services, each after those that it depends on, else in order of names.
  func servicesInOrder() throws(ComposeError) -> [Engine.ServiceSpec] {
    let specs = Dictionary(self.services.map { ($0.name, $0.spec) }) { _, new in new }
    var missing: [String: Int] = [:]
    var dependents: [String: [String]] = [:]
    for name in specs.keys.sorted() {
      for dependency in self.dependencies[name] ?? [] {
        guard specs[dependency.name] != nil else {
          throw ComposeError("services.\(name).depends_on: undefined service \"\(dependency.name)\"", at: dependency.position)
        }
        guard dependency.condition != "completed" || specs[dependency.name]?.mode?.isJob == true else {
          throw ComposeError(
            "services.\(name).depends_on: \"\(dependency.name)\" can't complete; a job can, by deploy.mode: replicated-job",
            at: dependency.position
          )
        }
        missing[name, default: 0] += 1
        dependents[dependency.name, default: []].append(name)
      }
    }
    var ready = specs.keys.filter { missing[$0] == nil }.sorted()
    var ordered: [Engine.ServiceSpec] = []
    while !ready.isEmpty {
      var next: [String] = []
      for name in ready {
        ordered += specs[name].map { [$0] } ?? []
        for dependent in dependents[name] ?? [] {
          missing[dependent, default: 1] -= 1
          if missing[dependent] == 0 { next.append(dependent) }
        }
      }
      ready = next.sorted()
    }
    guard ordered.count == specs.count else {
      let stuck = specs.keys.filter { (missing[$0] ?? 0) > 0 }.sorted()
      throw ComposeError(
        "services depend on each other in a circle: \(stuck.joined(separator: ", "))",
        at: stuck.first.flatMap { self.dependencies[$0]?.first?.position }
      )
    }
    return ordered
  }
}
