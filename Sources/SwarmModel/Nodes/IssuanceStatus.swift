// SPDX-License-Identifier: Apache-2.0

/// How far the issuance of a certificate is.
public struct IssuanceStatus: Sendable, Hashable {
  /// How far it is.
  public var state: State
  /// Why the issuance failed.
  public var err: String
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    state: State = .unknown,
    err: String = "",
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.state = state
    self.err = err
    self.unknownFields = unknownFields
  }

  /// How far the issuance of a certificate is.
  public enum State: Int32, Sendable, Hashable, CaseIterable {
    /// Nobody asked for one.
    case unknown = 0
    /// The node asked for another certificate.
    case renew = 1
    /// The node asked for its first certificate.
    case pending = 2
    /// The certificate is there.
    case issued = 3
    /// The request was refused.
    case failed = 4
    /// The certificate is there, and the node is told to ask for another one.
    case rotate = 5
  }
}
