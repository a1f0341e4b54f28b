// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

extension Listing {
  /// The rows of `secret ls` and `config ls`, in natural order of names.
  init(secrets: [JSONValue], withDriver: Bool, now: EngineTime) throws {
    self.columns = [Column(name: "ID", heading: "ID"), Column(name: "Name", heading: "NAME")]
    if withDriver { self.columns.append(Column(name: "Driver", heading: "DRIVER")) }
    self.columns += [Column(name: "CreatedAt", heading: "CREATED"), Column(name: "UpdatedAt", heading: "UPDATED")]
    let objects = try secrets.map { try EngineJSON.decode(Engine.Secret.self, from: Array($0.text.utf8)) }
    self.rows =
      objects
      .sorted { NaturalOrder.areInOrder($0.spec?.name ?? "", $1.spec?.name ?? "") }
      .map { object in
        [
          "ID": object.id ?? "",
          "Name": object.spec?.name ?? "",
          "Labels": Self.labels(object.spec?.labels),
          "CreatedAt": HumanText.ago(object.createdAt ?? .zero, now: now),
          "UpdatedAt": HumanText.ago(object.updatedAt ?? .zero, now: now),
        ].merging(withDriver ? ["Driver": object.spec?.driver?.name ?? ""] : [:]) { first, _ in first }
      }
  }

  /// The rows of `network ls`, in natural order of names.
  init(networks: [Engine.Network], truncated: Bool) {
    self.columns = [
      Column(name: "ID", heading: "NETWORK ID"), Column(name: "Name", heading: "NAME"), Column(name: "Driver", heading: "DRIVER"),
      Column(name: "Scope", heading: "SCOPE"),
    ]
    self.rows =
      networks
      .sorted { NaturalOrder.areInOrder($0.name ?? "", $1.name ?? "") }
      .map { network in
        [
          "ID": truncated ? HumanText.shortID(network.id ?? "") : network.id ?? "",
          "Name": network.name ?? "",
          "Driver": network.driver ?? "",
          "Scope": network.scope ?? "",
          "Internal": String(network.internal ?? false),
          "IPv6": String(network.enableIPv6 ?? false),
          "Labels": Self.labels(network.labels),
        ]
      }
  }

  /// Labels in one cell.
  private static func labels(_ labels: [String: String]?) -> String {
    (labels ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: ",")
  }
}
