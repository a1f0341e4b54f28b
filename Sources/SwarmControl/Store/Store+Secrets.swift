// SPDX-License-Identifier: Apache-2.0

internal import HashTreeCollections
internal import SwarmModel

// Secrets and configs: alike but for what they are called and how well they are kept.
extension Store {
  mutating func create(_ secret: Secret, _ application: inout Application) throws(SwarmError) {
    let name = secret.spec.annotations.name
    guard self.secretsByID[secret.id] == nil, self.secretsByName[Self.nameKey(name)] == nil else {
      throw SwarmError(code: .alreadyExists, message: "secret \(name) already exists")
    }
    self.put(secret, &application)
  }

  mutating func updateSecret(
    _ id: SecretID,
    expected: Version?,
    labels: [String: String],
    _ application: inout Application
  ) throws(SwarmError) {
    guard var secret = self.secret(id) else { throw Self.notFound("secret", id) }
    try Self.check(expected, against: secret.meta)
    secret.spec.annotations.labels = labels
    self.put(secret, &application)
  }

  mutating func removeSecret(_ id: SecretID, _ application: inout Application) throws(SwarmError) {
    guard let secret = self.secretsByID[id] else { throw Self.notFound("secret", id) }
    try self.checkUnused("secret", secret.value.spec.annotations.name, by: self.servicesBySecret[id])
    self.delete(secret)
    application.changes.secrets.append(ObjectChange(old: secret, new: nil, by: application))
  }

  mutating func create(_ config: Config, _ application: inout Application) throws(SwarmError) {
    let name = config.spec.annotations.name
    guard self.configsByID[config.id] == nil, self.configsByName[Self.nameKey(name)] == nil else {
      throw SwarmError(code: .alreadyExists, message: "config \(name) already exists")
    }
    self.put(config, &application)
  }

  mutating func updateConfig(
    _ id: ConfigID,
    expected: Version?,
    labels: [String: String],
    _ application: inout Application
  ) throws(SwarmError) {
    guard var config = self.config(id) else { throw Self.notFound("config", id) }
    try Self.check(expected, against: config.meta)
    config.spec.annotations.labels = labels
    self.put(config, &application)
  }

  mutating func removeConfig(_ id: ConfigID, _ application: inout Application) throws(SwarmError) {
    guard let config = self.configsByID[id] else { throw Self.notFound("config", id) }
    try self.checkUnused("config", config.value.spec.annotations.name, by: self.servicesByConfig[id])
    self.delete(config)
    application.changes.configs.append(ObjectChange(old: config, new: nil, by: application))
  }

  /// Refuses a specification that refers to secrets or configs that don't exist.
  func checkReferences(of spec: ServiceSpec) throws(SwarmError) {
    let container = spec.task.container
    try Self.refuseMissing(
      "secret",
      (container?.secrets ?? []).filter { self.secretsByID[$0.secretID] == nil }.map(\.secretName)
    )
    try Self.refuseMissing(
      "config",
      (container?.configs ?? []).filter { self.configsByID[$0.configID] == nil }.map(\.configName)
    )
  }

  private static func refuseMissing(_ kind: String, _ names: [String]) throws(SwarmError) {
    guard !names.isEmpty else { return }
    throw SwarmError(
      code: .invalidArgument,
      message: "\(kind)\(names.count == 1 ? "" : "s") not found: \(names.joined(separator: ", "))"
    )
  }

  private func checkUnused(_ kind: String, _ name: String, by users: TreeSet<ServiceID>?) throws(SwarmError) {
    let names = (users ?? []).compactMap { self.service($0)?.spec.annotations.name }.sorted()
    guard !names.isEmpty else { return }
    let services = names.count == 1 ? "service" : "services"
    throw SwarmError(
      code: .invalidArgument,
      message: "\(kind) '\(name)' is in use by the following \(services): \(names.joined(separator: ", "))"
    )
  }

  private mutating func put(_ secret: Secret, _ application: inout Application) {
    let old = self.secretsByID[secret.id]
    var new = secret
    new.meta = application.meta(replacing: old?.value.meta)
    let box = Stored(new)
    application.changes.secrets.append(ObjectChange(old: old, new: box, by: application))
    self.insert(box)
  }

  private mutating func put(_ config: Config, _ application: inout Application) {
    let old = self.configsByID[config.id]
    var new = config
    new.meta = application.meta(replacing: old?.value.meta)
    let box = Stored(new)
    application.changes.configs.append(ObjectChange(old: old, new: box, by: application))
    self.insert(box)
  }

  mutating func insert(_ secret: Stored<Secret>) {
    self.secretsByID[secret.value.id] = secret
    self.secretsByName[Self.nameKey(secret.value.spec.annotations.name)] = secret.value.id
  }

  mutating func delete(_ secret: Stored<Secret>) {
    self.secretsByID[secret.value.id] = nil
    self.secretsByName[Self.nameKey(secret.value.spec.annotations.name)] = nil
  }

  mutating func insert(_ config: Stored<Config>) {
    self.configsByID[config.value.id] = config
    self.configsByName[Self.nameKey(config.value.spec.annotations.name)] = config.value.id
  }

  mutating func delete(_ config: Stored<Config>) {
    self.configsByID[config.value.id] = nil
    self.configsByName[Self.nameKey(config.value.spec.annotations.name)] = nil
  }
}

extension ServiceSpec {
  /// The secrets that the service's tasks use.
  var secretIDs: [SecretID] { self.task.container?.secrets.map(\.secretID) ?? [] }
  /// The configs that the service's tasks use.
  var configIDs: [ConfigID] { self.task.container?.configs.map(\.configID) ?? [] }
}
