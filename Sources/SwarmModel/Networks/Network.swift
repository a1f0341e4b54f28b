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
