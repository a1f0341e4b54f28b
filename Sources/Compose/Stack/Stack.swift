// SPDX-License-Identifier: Apache-2.0

package import EngineSchema

/// What compose files ask a swarm for: objects to create, all named and labelled for one stack.
///
/// ```swift
/// let stack = try Stack(name: "shop", files: [ComposeFile(path: "stack.yml", text: text)])
/// for request in stack.requests { post(request.path, request.body) }
/// ```
///
/// Everything has the label `com.docker.stack.namespace`; names are `stack_name` unless the file gives a `name`.
public struct Stack: Sendable {
  /// The label that says which stack an object belongs to.
  public static let namespaceLabel = "com.docker.stack.namespace"
  /// The label that keeps the image as the file names it.
  package static let imageLabel = "com.docker.stack.image"

  /// The stack's name.
  public let name: String
  /// The networks that its services are on, in order of names.
  package let networks: [StackNetwork]
  /// The secrets that its services use.
  package let secrets: [StackFile]
  /// The configs that its services use.
  package let configs: [StackFile]
  /// Its services; each comes after those that it depends on.
  package let services: [Engine.ServiceSpec]
  /// What the user should know: keys that mean nothing in a swarm, variables that aren't set.
  public let notes: [String]
  /// The merged files with their variables replaced, as YAML that means the same.
  public let merged: String

  /// Reads compose files, each laid over those before it.
  ///
  /// - Parameters:
  ///   - name: The stack's name.
  ///   - files: One file at least.
  ///   - surroundings: Variables and other files.
  /// - Throws: ``ComposeError``, with the place in the file.
  public init(
    name: String,
    files: [ComposeFile],
    surroundings: ComposeSurroundings = ComposeSurroundings()
  ) throws(ComposeError) {
    guard !name.isEmpty, name.utf8.allSatisfy(Self.mayBeInName) else {
      throw ComposeError("invalid stack name: \"\(name)\"")
    }
    var loader = ComposeLoader(surroundings: surroundings)
    let tree = try loader.load(files)
    var builder = StackBuilder(name: name, surroundings: surroundings, folders: loader.folders)
    try builder.read(tree)
    self.name = name
    self.networks = builder.usedNetworks
    self.secrets = builder.secrets.used
    self.configs = builder.configs.used
    self.services = try builder.servicesInOrder()
    self.notes = loader.notes + builder.notes
    self.merged = TreeWriter(doublesDollars: true).write(tree)
  }

  /// Lays compose files over each other without looking at what they ask for: their variables stay as they stand.
  ///
  /// - Returns: YAML that means the same.
  /// - Throws: ``ComposeError``, with the place in the file.
  public static func merge(
    _ files: [ComposeFile],
    surroundings: ComposeSurroundings = ComposeSurroundings()
  ) throws(ComposeError) -> String {
    var loader = ComposeLoader(surroundings: surroundings, interpolates: false)
    return TreeWriter(doublesDollars: false).write(try loader.load(files))
  }

  private static func mayBeInName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
      UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
      true
    default: false
    }
  }
}
