// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

/// An image that tasks of this node use, or used: a name, of whose content nothing is known here.
struct LocalImage: Sendable {
  /// The name as a service has it.
  let name: String
  /// How many containers there are of it.
  var containers = 1

  /// Those of containers, sorted by name.
  static func all(of containers: [TaskContainer]) -> [LocalImage] {
    var images: [String: LocalImage] = [:]
    for image in containers.map(\.image) where !image.isEmpty {
      images[image, default: LocalImage(name: image, containers: 0)].containers += 1
    }
    return images.values.sorted { $0.name < $1.name }
  }

  /// An id that is made up, and always the same of a name.
  static func id(of name: String) -> String { "sha256:\(MadeUpID.digits(name))" }

  var id: String { Self.id(of: self.name) }

  /// Whether somebody means this image by a name, with or without what Docker adds to one, or by its id or the beginning of that.
  func isMeant(by reference: String) -> Bool {
    if Self.familiar(reference) == Self.familiar(self.name) { return true }
    let digits = reference.hasPrefix("sha256:") ? reference.dropFirst("sha256:".count) : reference[...]
    return digits.utf8.count >= 4 && self.id.dropFirst("sha256:".count).hasPrefix(digits)
  }

  /// As `GET /images/json` lists it.
  var summary: JSONValue {
    .object([
      "Id": .string(self.id),
      "ParentId": .string(""),
      "RepoTags": .array([.string(Self.familiar(self.name))]),
      "RepoDigests": .array(self.name.contains("@") ? [.string(self.name)] : []),
      "Created": .integer(0),
      "Size": .integer(0),
      "SharedSize": .integer(-1),
      "Labels": .object([:]),
      "Containers": .integer(Int64(self.containers)),
    ])
  }

  /// As `GET /images/{name}/json` shows it.
  var details: JSONValue {
    .object([
      "Id": .string(self.id),
      "RepoTags": .array([.string(Self.familiar(self.name))]),
      "RepoDigests": .array(self.name.contains("@") ? [.string(self.name)] : []),
      "Parent": .string(""),
      "Comment": .string(""),
      "Created": .string(EngineTime.zero.description),
      "Author": .string(""),
      "Architecture": .string(HostInformation.goArchitecture),
      "Os": .string(HostInformation.osType),
      "Size": .integer(0),
      "Config": .object([:]),
    ])
  }

  /// A name without registry and digest where these are Docker's own, and with a tag.
  private static func familiar(_ name: String) -> String {
    var name = name.prefix { $0 != "@" }
    for prefix in ["docker.io/", "index.docker.io/", "library/"] where name.hasPrefix(prefix) {
      name = name.dropFirst(prefix.count)
    }
    return ImageName.tagged(String(name))
  }
}
