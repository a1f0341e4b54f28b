// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension StackBuilder {
  /// What a service sees of one secret or config.
  private struct Reference {
    var name: String
    var file: Engine.FileTarget
  }

  mutating func secretReferences(_ reader: inout MapReader) throws(ComposeError) -> [Engine.SecretReference]? {
    let references = try self.references(&reader, section: "secrets", files: &self.secrets)
    guard !references.isEmpty else { return nil }
    return references.map { reference in
      var result = Engine.SecretReference()
      result.secretName = reference.name
      result.file = reference.file
      return result
    }
  }

  /// The configs that a service sees as files, and the one that its credentials are in.
  mutating func configReferences(
    _ reader: inout MapReader,
    credentials: Engine.Privileges?
  ) throws(ComposeError) -> [Engine.ConfigReference]? {
    var references = try self.references(&reader, section: "configs", files: &self.configs).map { reference in
      var result = Engine.ConfigReference()
      result.configName = reference.name
      result.file = reference.file
      return result
    }
    if let name = credentials?.credentialSpec?.config {
      var reference = Engine.ConfigReference()
      reference.configName = name
      reference.runtime = Engine.Empty()
      references.append(reference)
    }
    return references.isEmpty ? nil : references
  }

  /// Reads references, in order of names; a file that isn't named has the name of what it shows.
  private func references(
    _ reader: inout MapReader,
    section: String,
    files: inout Files
  ) throws(ComposeError) -> [Reference] {
    guard let node = reader.take(section) else { return [] }
    let path = reader.path(section)
    var references: [Reference] = []
    for (index, element) in try node.list(path).enumerated() {
      let source: String
      var target = Engine.FileTarget()
      if element.map != nil {
        var given = try MapReader(element, path: "\(path)[\(index)]")
        guard let named = try given.text("source") else {
          throw ComposeError("\(given.path): source is missing", at: element.position)
        }
        source = named
        target.name = try given.text("target")
        target.uid = try given.text("uid")
        target.gid = try given.text("gid")
        if let mode = given.take("mode") { target.mode = try mode.fileMode(given.path("mode")) }
        try given.finish()
      } else {
        source = try element.text("\(path)[\(index)]")
      }
      guard let file = files.byName[source] else {
        throw ComposeError("\(reader.path): undefined \(section.dropLast()) \"\(source)\"", at: element.position)
      }
      files.usedNames.insert(source)
      target.name = target.name ?? source
      target.uid = target.uid ?? "0"
      target.gid = target.gid ?? "0"
      target.mode = target.mode ?? 0o444
      references.append(Reference(name: file.name, file: target))
    }
    return references.sorted { ($0.name, $0.file.name ?? "") < ($1.name, $1.file.name ?? "") }
  }
}
