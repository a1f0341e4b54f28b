// SPDX-License-Identifier: Apache-2.0

/// How a service is reached.
public struct EndpointSpec: Sendable, Hashable {
  /// What the service's name resolves to.
  public var mode: ResolutionMode
  /// The ports that the service publishes.
  public var ports: [PortConfig]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    mode: ResolutionMode = .vip,
    ports: [PortConfig] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.mode = mode
    self.ports = ports
    self.unknownFields = unknownFields
  }

  /// What a service's name resolves to.
  public enum ResolutionMode: Int32, Sendable, Hashable, CaseIterable {
    /// One virtual address.
    case vip = 0
    /// The addresses of all its tasks.
    case dnsrr = 1
  }
}
