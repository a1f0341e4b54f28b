// SPDX-License-Identifier: Apache-2.0

/// A certificate authority outside the cluster.
public struct ExternalCA: Sendable, Hashable {
  /// The protocol that the authority speaks.
  public var `protocol`: ProtocolKind
  /// Where the authority is.
  public var url: String
  /// Protocol-specific options.
  public var options: [String: String]
  /// The authority's certificate, PEM.
  public var caCert: [UInt8]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    `protocol`: ProtocolKind = .cfssl,
    url: String = "",
    options: [String: String] = [:],
    caCert: [UInt8] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.protocol = `protocol`
    self.url = url
    self.options = options
    self.caCert = caCert
    self.unknownFields = unknownFields
  }

  /// The protocol of an external certificate authority.
  public enum ProtocolKind: Int32, Sendable, Hashable, CaseIterable {
    /// CFSSL over HTTPS.
    case cfssl = 0
  }
}
