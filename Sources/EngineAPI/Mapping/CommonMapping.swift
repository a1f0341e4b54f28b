// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension Timestamp {
  /// The moment as the API shows it; "not set" is Docker's.
  var apiValue: EngineTime {
    self == .zero ? .zero : EngineTime(nanosecondsSince1970: self.nanoseconds)
  }
}

extension Version {
  var apiValue: Engine.ObjectVersion {
    var version = Engine.ObjectVersion()
    version.index = self.index
    return version
  }
}

extension Duration {
  /// Nanoseconds, as the API counts time.
  var apiValue: Int64 { self.wholeNanoseconds }
}

extension String {
  /// The text, or nothing when it is empty, for what the API leaves out.
  var nonEmpty: String? { self.isEmpty ? nil : self }
}

extension Collection {
  /// The collection, or nothing when it is empty, for what the API leaves out.
  var nonEmpty: Self? { self.isEmpty ? nil : self }
}

extension BinaryInteger {
  /// The number, or nothing when it is zero, for what the API leaves out.
  var nonZero: Self? { self == 0 ? nil : self }
}

extension Bool {
  /// True, or nothing, for what the API leaves out.
  var trueOrNil: Bool? { self ? true : nil }
}

extension Driver {
  init(_ driver: Engine.Driver) {
    self.init(name: driver.name ?? "", options: driver.options ?? [:])
  }

  var apiValue: Engine.Driver {
    var driver = Engine.Driver()
    driver.name = self.name.nonEmpty
    driver.options = self.options.nonEmpty
    return driver
  }
}

extension Platform {
  init(_ platform: Engine.Platform) {
    self.init(architecture: platform.architecture ?? "", os: platform.os ?? "")
  }

  var apiValue: Engine.Platform {
    var platform = Engine.Platform()
    platform.architecture = self.architecture.nonEmpty
    platform.os = self.os.nonEmpty
    return platform
  }
}

extension GenericResource {
  init(_ resource: Engine.GenericResource) throws(APIFailure) {
    switch (resource.named, resource.discrete) {
    case (.some(let named), nil): self = .named(kind: named.kind ?? "", value: named.value ?? "")
    case (nil, .some(let discrete)): self = .discrete(kind: discrete.kind ?? "", value: discrete.value ?? 0)
    case (nil, nil), (.some, .some):
      throw .badRequest("a generic resource needs either NamedResourceSpec or DiscreteResourceSpec")
    }
  }

  var apiValue: Engine.GenericResource {
    var resource = Engine.GenericResource()
    switch self {
    case .named(let kind, let value):
      resource.named = Engine.NamedResource()
      resource.named?.kind = kind
      resource.named?.value = value
    case .discrete(let kind, let value):
      resource.discrete = Engine.DiscreteResource()
      resource.discrete?.kind = kind
      resource.discrete?.value = value
    }
    return resource
  }
}

extension Resources {
  init(_ resources: Engine.NodeResources) throws(APIFailure) {
    var generic: [GenericResource] = []
    for resource in resources.genericResources ?? [] { generic.append(try GenericResource(resource)) }
    self.init(nanoCPUs: resources.nanoCPUs ?? 0, memoryBytes: resources.memoryBytes ?? 0, generic: generic)
  }

  var apiValue: Engine.NodeResources {
    var resources = Engine.NodeResources()
    resources.nanoCPUs = self.nanoCPUs.nonZero
    resources.memoryBytes = self.memoryBytes.nonZero
    resources.genericResources = self.generic.map(\.apiValue).nonEmpty
    return resources
  }
}
