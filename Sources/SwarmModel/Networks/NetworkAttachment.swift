// SPDX-License-Identifier: Apache-2.0

/// A task's attachment to one network, as it was allocated.
public struct NetworkAttachment: Sendable, Hashable {
  /// The network.
  public var network: Network?
  /// The allocated addresses, in CIDR notation.
  public var addresses: [String]
  /// Further names of the task on this network.
  public var aliases: [String]
  /// Driver-specific options of the attachment.
  public var driverAttachmentOpts: [String: String]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    network: Network? = nil,
    addresses: [String] = [],
    aliases: [String] = [],
    driverAttachmentOpts: [String: String] = [:],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.network = network
    self.addresses = addresses
    self.aliases = aliases
    self.driverAttachmentOpts = driverAttachmentOpts
    self.unknownFields = unknownFields
  }
}
