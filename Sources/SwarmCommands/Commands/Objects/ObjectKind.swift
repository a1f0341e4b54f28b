// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// Something with content that users create, list, look at and remove, and nothing else: secrets and configs.
protocol ObjectKind: Sendable {
  /// What users call it.
  static var noun: String { get }
  /// Where the API has it.
  static var path: String { get }
  /// Whether somebody else may keep its content.
  static var hasDrivers: Bool { get }
  /// The rows of its `ls`.
  static func listing(_ values: [JSONValue], now: EngineTime) throws -> Listing
}

/// The commands `swarmctl secret …`.
enum SecretKind: ObjectKind {
  static let noun = "secret"
  static let path = "/secrets"
  static let hasDrivers = true

  static func listing(_ values: [JSONValue], now: EngineTime) throws -> Listing {
    try Listing(secrets: values, withDriver: true, now: now)
  }
}

/// The commands `swarmctl config …`.
enum ConfigKind: ObjectKind {
  static let noun = "config"
  static let path = "/configs"
  static let hasDrivers = false

  static func listing(_ values: [JSONValue], now: EngineTime) throws -> Listing {
    try Listing(secrets: values, withDriver: false, now: now)
  }
}
