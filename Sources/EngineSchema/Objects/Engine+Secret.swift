// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// A secret, or a config: they look alike.
  package struct Secret: Codable, Hashable, Sendable {
    /// The object's id.
    package var id: String?
    /// The object's version.
    package var version: ObjectVersion?
    /// When it was created.
    package var createdAt: EngineTime?
    /// When it was changed last.
    package var updatedAt: EngineTime?
    /// What users want of it.
    package var spec: SecretSpec?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
      case version = "Version"
      case createdAt = "CreatedAt"
      case updatedAt = "UpdatedAt"
      case spec = "Spec"
    }
  }

  /// What users want of a secret or config; also the body of their creation.
  package struct SecretSpec: Codable, Hashable, Sendable {
    /// The name.
    package var name: String?
    /// The labels.
    package var labels: [String: String]?
    /// The content; of secrets it is never told.
    package var data: Base64Bytes?
    /// Who keeps a secret that the swarm doesn't keep.
    package var driver: Driver?
    /// What fills in placeholders of the content.
    package var templating: Driver?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case labels = "Labels"
      case data = "Data"
      case driver = "Driver"
      case templating = "Templating"
    }
  }

  /// The answer to a creation that only tells the id.
  package struct Created: Codable, Hashable, Sendable {
    /// The new object's id.
    package var id: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case id = "ID"
    }
  }
}
