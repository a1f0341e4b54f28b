// SPDX-License-Identifier: Apache-2.0

/// A network that tasks are attached to.
public struct Network: Sendable, Hashable {
  /// The network's id.
  public var id: NetworkID
  /// Version and times of the object.
  public var meta: Meta
  /// What the operator wants of the network.
  public var spec: NetworkSpec
  /// What the driver allocated.
  public var driverState: Driver?
  /// The address ranges in use.
  public var ipam: IPAMOptions?
  /// Whether the network goes away once nothing uses it any more.
  public var pendingDelete: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: NetworkID = NetworkID(),
    meta: Meta = Meta(),
    spec: NetworkSpec = NetworkSpec(),
    driverState: Driver? = nil,
    ipam: IPAMOptions? = nil,
    pendingDelete: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.driverState = driverState
    self.ipam = ipam
    self.pendingDelete = pendingDelete
    self.unknownFields = unknownFields
  }
}

extension Network {
  /// The label of networks that every engine has by itself; engines look for it, and use their own of the same name.
  package static let predefinedLabel = "com.docker.swarm.predefined"

  /// Whether every engine has the network by itself, and it only stands in the store so that services can be put on it.
  public var isPredefined: Bool { self.spec.annotations.labels[Self.predefinedLabel] == "true" }
}
