// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension SecretSpec {
  init(_ spec: Engine.SecretSpec) {
    self.init(
      annotations: Annotations(name: spec.name ?? "", labels: spec.labels ?? [:]),
      data: spec.data?.bytes ?? [],
      templating: spec.templating.map(Driver.init),
      driver: spec.driver.map(Driver.init)
    )
  }
}

extension ConfigSpec {
  init(_ spec: Engine.SecretSpec) {
    self.init(
      annotations: Annotations(name: spec.name ?? "", labels: spec.labels ?? [:]),
      data: spec.data?.bytes ?? [],
      templating: spec.templating.map(Driver.init)
    )
  }
}

extension Secret {
  /// The secret without its data.
  var apiValue: Engine.Secret {
    var spec = Engine.SecretSpec()
    spec.name = self.spec.annotations.name
    spec.labels = self.spec.annotations.labels
    spec.driver = self.spec.driver?.apiValue
    spec.templating = self.spec.templating?.apiValue
    return Engine.Secret(id: self.id.description, meta: self.meta, spec: spec)
  }
}

extension Config {
  var apiValue: Engine.Secret {
    var spec = Engine.SecretSpec()
    spec.name = self.spec.annotations.name
    spec.labels = self.spec.annotations.labels
    spec.data = Base64Bytes(self.spec.data)
    spec.templating = self.spec.templating?.apiValue
    return Engine.Secret(id: self.id.description, meta: self.meta, spec: spec)
  }
}

extension Engine.Secret {
  fileprivate init(id: String, meta: Meta, spec: Engine.SecretSpec) {
    self.init()
    self.id = id
    self.version = meta.version.apiValue
    self.createdAt = meta.createdAt.apiValue
    self.updatedAt = meta.updatedAt.apiValue
    self.spec = spec
  }
}
