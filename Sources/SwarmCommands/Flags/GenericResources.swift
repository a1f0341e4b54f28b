// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What `--generic-resource` takes: `gpu=2`, so many of a kind that nodes say they have.
enum GenericResources {
  static func read(_ texts: [String]) throws(CommandFailure) -> [Engine.GenericResource] {
    var resources: [Engine.GenericResource] = []
    for text in texts {
      let (kind, value) = KeyValues.split(text)
      guard let value, !kind.isEmpty else {
        throw .flags(
          "invalid argument \"\(text)\" for \"--generic-resource\" flag: "
            + "invalid generic-resource format `\(text)` expected `name=value`"
        )
      }
      guard let count = Int64(value) else {
        throw CommandFailure(
          "invalid generic-resource request `\(text)`, Named Generic Resources is not supported for service create or update"
        )
      }
      guard count >= 0 else {
        throw CommandFailure(
          "invalid generic resource specification: could not parse GenericResource: cannot ask for negative resource \(kind)"
        )
      }
      guard !resources.contains(where: { self.kind(of: $0) == kind }) else {
        throw CommandFailure("invalid generic resource specification: \(kind) is asked for more than once")
      }
      var resource = Engine.GenericResource()
      resource.discrete = Engine.DiscreteResource()
      resource.discrete?.kind = kind
      resource.discrete?.value = count
      resources.append(resource)
    }
    return resources
  }

  /// Resources without some kinds, and with others in place of those of the same kind.
  static func changed(
    _ current: [Engine.GenericResource]?,
    adding texts: [String],
    removing kinds: [String]
  ) throws(CommandFailure) -> [Engine.GenericResource]? {
    let present = Set((current ?? []).map(self.kind))
    if let missing = kinds.first(where: { !present.contains($0) }) {
      throw CommandFailure("could not find generic-resource `\(missing)` to remove it")
    }
    let added = try self.read(texts)
    let gone = Set(kinds).union(added.map(self.kind))
    let result = (current ?? []).filter { !gone.contains(self.kind(of: $0)) } + added
    return result.isEmpty ? nil : result
  }

  private static func kind(of resource: Engine.GenericResource) -> String {
    resource.discrete?.kind ?? resource.named?.kind ?? ""
  }
}
