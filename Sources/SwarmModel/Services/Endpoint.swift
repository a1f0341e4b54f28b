// SPDX-License-Identifier: Apache-2.0

/// How a service is reached, as it was allocated.
public struct Endpoint: Sendable, Hashable {
  /// The specification that this allocation follows.
  public var spec: EndpointSpec?
  /// The published ports, with the chosen numbers filled in.
  public var ports: [PortConfig]
  /// The service's address on each of its networks.
  public var virtualIPs: [VirtualIP]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    spec: EndpointSpec? = nil,
    ports: [PortConfig] = [],
    virtualIPs: [VirtualIP] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.spec = spec
    self.ports = ports
    self.virtualIPs = virtualIPs
    self.unknownFields = unknownFields
  }

  /// A service's address on one network.
  public struct VirtualIP: Sendable, Hashable {
    /// The network.
    public var networkID: NetworkID?
    /// The address in CIDR notation.
    public var addr: String
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      networkID: NetworkID? = nil,
      addr: String = "",
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.networkID = networkID
      self.addr = addr
      self.unknownFields = unknownFields
    }
  }
}
