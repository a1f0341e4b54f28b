// SPDX-License-Identifier: Apache-2.0

/// What a node tells about itself when it opens a session.
public struct NodeDescription: Sendable, Hashable {
  /// The host's name.
  public var hostname: String
  /// Operating system and architecture.
  public var platform: Platform?
  /// What the node has to offer to tasks.
  public var resources: Resources?
  /// The software that runs the tasks.
  public var engine: EngineDescription?
  /// The certificate authority that the node trusts.
  public var tlsInfo: NodeTLSInfo?
  /// Whether the node runs in FIPS mode.
  public var fips: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    hostname: String = "",
    platform: Platform? = nil,
    resources: Resources? = nil,
    engine: EngineDescription? = nil,
    tlsInfo: NodeTLSInfo? = nil,
    fips: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.hostname = hostname
    self.platform = platform
    self.resources = resources
    self.engine = engine
    self.tlsInfo = tlsInfo
    self.fips = fips
    self.unknownFields = unknownFields
  }
}
