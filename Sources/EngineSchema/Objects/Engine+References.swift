// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// A secret that a container sees.
  package struct SecretReference: Codable, Hashable, Sendable {
    /// The file that it sees it as.
    package var file: FileTarget?
    /// The secret's id.
    package var secretID: String?
    /// The secret's name.
    package var secretName: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case file = "File"
      case secretID = "SecretID"
      case secretName = "SecretName"
    }
  }

  /// A config that a container sees.
  package struct ConfigReference: Codable, Hashable, Sendable {
    /// The file that it sees it as.
    package var file: FileTarget?
    /// Present when the runtime itself reads it.
    package var runtime: Empty?
    /// The config's id.
    package var configID: String?
    /// The config's name.
    package var configName: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case file = "File"
      case runtime = "Runtime"
      case configID = "ConfigID"
      case configName = "ConfigName"
    }
  }

  /// A file inside a container.
  package struct FileTarget: Codable, Hashable, Sendable {
    /// Its name, or an absolute path.
    package var name: String?
    /// The owner's user id.
    package var uid: String?
    /// The owner's group id.
    package var gid: String?
    /// The permissions.
    package var mode: UInt32?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case uid = "UID"
      case gid = "GID"
      case mode = "Mode"
    }
  }
}
