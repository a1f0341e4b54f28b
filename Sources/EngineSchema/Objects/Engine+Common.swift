// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// The version of an object: the index of the log entry that last wrote it.
  package struct ObjectVersion: Codable, Hashable, Sendable {
    /// The index.
    package var index: UInt64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case index = "Index"
    }
  }

  /// A driver or plugin with its options.
  package struct Driver: Codable, Hashable, Sendable {
    /// The driver's name.
    package var name: String?
    /// What is handed to it.
    package var options: [String: String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case options = "Options"
    }
  }

  /// What a node runs on.
  package struct Platform: Codable, Hashable, Sendable {
    /// The processor's name, for example `x86_64`.
    package var architecture: String?
    /// The operating system's name, for example `linux`.
    package var os: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case architecture = "Architecture"
      case os = "OS"
    }
  }

  /// A countable resource that users name themselves; exactly one of the two is present.
  package struct GenericResource: Codable, Hashable, Sendable {
    /// One unit with a name of its own.
    package var named: NamedResource?
    /// A number of equal units.
    package var discrete: DiscreteResource?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case named = "NamedResourceSpec"
      case discrete = "DiscreteResourceSpec"
    }
  }

  /// One unit of a generic resource.
  package struct NamedResource: Codable, Hashable, Sendable {
    /// The resource's kind.
    package var kind: String?
    /// The unit's name.
    package var value: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case kind = "Kind"
      case value = "Value"
    }
  }

  /// Several units of a generic resource.
  package struct DiscreteResource: Codable, Hashable, Sendable {
    /// The resource's kind.
    package var kind: String?
    /// How many units.
    package var value: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case kind = "Kind"
      case value = "Value"
    }
  }
}
