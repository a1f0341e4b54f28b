// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Something that users create, list, look at and remove, and nothing else: secrets, configs, networks.
protocol ObjectKind: Sendable {
  /// What users call it.
  static var noun: String { get }
  /// Where the API has it.
  static var path: String { get }
  /// The rows of its `ls`.
  static func listing(_ values: [JSONValue], now: EngineTime) throws -> Listing
}

/// The commands `swarmctl secret …`.
enum SecretKind: ObjectKind {
  static let noun = "secret"
  static let path = "/secrets"

  static func listing(_ values: [JSONValue], now: EngineTime) throws -> Listing {
    try Listing(secrets: values, withDriver: true, now: now)
  }
}

/// The commands `swarmctl config …`.
enum ConfigKind: ObjectKind {
  static let noun = "config"
  static let path = "/configs"

  static func listing(_ values: [JSONValue], now: EngineTime) throws -> Listing {
    try Listing(secrets: values, withDriver: false, now: now)
  }
}

/// The commands `swarmctl network …`.
enum NetworkKind: ObjectKind {
  static let noun = "network"
  static let path = "/networks"

  static func listing(_ values: [JSONValue], now: EngineTime) throws -> Listing { try Listing(networks: values) }
}
