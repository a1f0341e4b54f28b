// SPDX-License-Identifier: Apache-2.0

/// What the operator wants of a network.
public struct NetworkSpec: Sendable, Hashable {
  /// The network's name and labels.
  public var annotations: Annotations
  /// The network driver and its options.
  public var driverConfig: Driver?
  /// Whether the network has IPv6 addresses.
  public var ipv6Enabled: Bool
  /// Whether the network has no way out.
  public var `internal`: Bool
  /// How addresses are handed out.
  public var ipam: IPAMOptions?
  /// Whether containers outside services may attach.
  public var attachable: Bool
  /// Whether this is the network of the routing mesh.
  public var ingress: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    annotations: Annotations = Annotations(),
    driverConfig: Driver? = nil,
    ipv6Enabled: Bool = false,
    `internal`: Bool = false,
    ipam: IPAMOptions? = nil,
    attachable: Bool = false,
    ingress: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.annotations = annotations
    self.driverConfig = driverConfig
    self.ipv6Enabled = ipv6Enabled
    self.internal = `internal`
    self.ipam = ipam
    self.attachable = attachable
    self.ingress = ingress
    self.unknownFields = unknownFields
  }
}
