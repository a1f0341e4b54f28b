// SPDX-License-Identifier: Apache-2.0

/// The cluster's certificate authority: its key, what nodes trust, and the tokens that let nodes in.
///
/// Holds secrets; it leaves the managers in no form.
public struct RootCA: Sendable, Hashable {
  /// The root certificate's key, PEM; empty when an authority outside the cluster signs.
  public var caKey: [UInt8]
  /// The root certificates that nodes trust, PEM.
  public var caCert: [UInt8]
  /// The digest of ``caCert``, as `sha256:` and hexadecimal digits.
  public var caCertHash: String
  /// What lets nodes in.
  public var joinTokens: JoinTokens
  /// The next root certificate, while nodes move to it.
  public var rootRotation: RootRotation?
  /// The value of ``CAConfig/forceRotate`` that was last acted on.
  public var lastForcedRotation: UInt64
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    caKey: [UInt8] = [],
    caCert: [UInt8] = [],
    caCertHash: String = "",
    joinTokens: JoinTokens = JoinTokens(),
    rootRotation: RootRotation? = nil,
    lastForcedRotation: UInt64 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.caKey = caKey
    self.caCert = caCert
    self.caCertHash = caCertHash
    self.joinTokens = joinTokens
    self.rootRotation = rootRotation
    self.lastForcedRotation = lastForcedRotation
    self.unknownFields = unknownFields
  }
}
