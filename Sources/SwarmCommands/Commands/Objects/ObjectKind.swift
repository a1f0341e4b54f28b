// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What commands about secrets, configs and networks differ in.
protocol ObjectKind: Sendable {
  /// What one is called, in commands and in messages.
  static var noun: String { get }
  /// The columns of its table.
  static var columns: [Listing.Column] { get }
  /// A row of its table.
  static func row(of object: JSONValue, now: EngineTime) -> [String: String]
}

extension ObjectKind {
  /// The path of all of them.
  static var path: String { "/\(self.noun)s" }

  static func path(of reference: String) -> String { "\(self.path)/\(PercentCoding.encode(reference))" }

  fileprivate static func ago(_ value: JSONValue?, now: EngineTime) -> String {
    EngineTime(value.text).map { HumanText.ago($0, now: now).lowercased() } ?? ""
  }
}

/// Secrets.
enum SecretKind: ObjectKind {
  static let noun = "secret"
  static let columns = [
    Listing.Column(name: "ID", heading: "ID"), Listing.Column(name: "Name", heading: "NAME"),
    Listing.Column(name: "Driver", heading: "DRIVER"), Listing.Column(name: "CreatedAt", heading: "CREATED"),
    Listing.Column(name: "UpdatedAt", heading: "UPDATED"),
  ]

  static func row(of object: JSONValue, now: EngineTime) -> [String: String] {
    var row = ConfigKind.row(of: object, now: now)
    row["Driver"] = object["Spec"]?["Driver"]?["Name"].text ?? ""
    return row
  }
}

/// Configs.
enum ConfigKind: ObjectKind {
  static let noun = "config"
  static let columns = [
    Listing.Column(name: "ID", heading: "ID"), Listing.Column(name: "Name", heading: "NAME"),
    Listing.Column(name: "CreatedAt", heading: "CREATED"), Listing.Column(name: "UpdatedAt", heading: "UPDATED"),
  ]

  static func row(of object: JSONValue, now: EngineTime) -> [String: String] {
    [
      "ID": object["ID"].text, "Name": object["Spec"]?["Name"].text ?? "", "CreatedAt": self.ago(object["CreatedAt"], now: now),
      "UpdatedAt": self.ago(object["UpdatedAt"], now: now),
    ]
  }
}

/// Networks.
enum NetworkKind: ObjectKind {
  static let noun = "network"
  static let columns = [
    Listing.Column(name: "ID", heading: "NETWORK ID"), Listing.Column(name: "Name", heading: "NAME"),
    Listing.Column(name: "Driver", heading: "DRIVER"), Listing.Column(name: "Scope", heading: "SCOPE"),
  ]

  static func row(of object: JSONValue, now: EngineTime) -> [String: String] {
    [
      "ID": HumanText.shortID(object["Id"].text), "Name": object["Name"].text, "Driver": object["Driver"].text,
      "Scope": object["Scope"].text,
    ]
  }
}

extension JSONValue? {
  /// The text; empty when it is none.
  fileprivate var text: String {
    guard case .string(let text) = self else { return "" }
    return text
  }
}
