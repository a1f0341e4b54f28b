// SPDX-License-Identifier: Apache-2.0

/// A root certificate that nodes are moving to.
public struct RootRotation: Sendable, Hashable {
  /// The next root certificate, PEM.
  public var caCert: [UInt8]
  /// The key of the next root certificate, PEM.
  public var caKey: [UInt8]
  /// The next root certificate as signed by the present one, PEM: who trusts only the present root trusts what the next one signs.
  public var crossSignedCACert: [UInt8]
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    caCert: [UInt8] = [],
    caKey: [UInt8] = [],
    crossSignedCACert: [UInt8] = [],
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.caCert = caCert
    self.caKey = caKey
    self.crossSignedCACert = crossSignedCACert
    self.unknownFields = unknownFields
  }
}
