// SPDX-License-Identifier: Apache-2.0

/// A network that a service's tasks are attached to.
public struct NetworkAttachmentConfig: Sendable, Hashable {
  /// The network's id or name.
  public var target: String
  /// Further names of the task on this network.
  public var aliases: [String]
  /// Addresses asked for on this network.
  public var addresses: [String]
  /// Driver-specific options of the attachment.
  public var driverAttachmentOpts: [String: String]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    target: String = "",
    aliases: [String] = [],
    addresses: [String] = [],
    driverAttachmentOpts: [String: String] = [:],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.target = target
    self.aliases = aliases
    self.addresses = addresses
    self.driverAttachmentOpts = driverAttachmentOpts
    self.unknownFields = unknownFields
  }
}
