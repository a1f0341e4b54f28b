// SPDX-License-Identifier: Apache-2.0

/// The cluster itself; there is one.
public struct Cluster: Sendable, Hashable {
  /// The cluster's id, named in every handshake.
  public var id: ClusterID
  /// Version and times of the object.
  public var meta: Meta
  /// What the operator wants of the cluster.
  public var spec: ClusterSpec
  /// The certificate authority and the join tokens.
  public var rootCA: RootCA
  /// The keys that nodes share to speak to each other beside the managers.
  public var networkBootstrapKeys: [NetworkKey]
  /// The keys that unlock managers, when ``EncryptionConfig/autoLockManagers`` asks for it.
  public var unlockKeys: [NetworkKey]
  /// Address ranges that networks are cut from, in CIDR notation.
  public var defaultAddressPool: [String]
  /// The prefix length of networks cut from the pool.
  public var subnetSize: UInt32
  /// The VXLAN port (SwarmKit's field `VXLANUDPPort`).
  public var dataPathPort: UInt32
  /// The newest kind of log entry that all managers understand.
  public var featureLevel: UInt32
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    id: ClusterID = ClusterID(),
    meta: Meta = Meta(),
    spec: ClusterSpec = ClusterSpec(),
    rootCA: RootCA = RootCA(),
    networkBootstrapKeys: [NetworkKey] = [],
    unlockKeys: [NetworkKey] = [],
    defaultAddressPool: [String] = [],
    subnetSize: UInt32 = 0,
    dataPathPort: UInt32 = 0,
    featureLevel: UInt32 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.id = id
    self.meta = meta
    self.spec = spec
    self.rootCA = rootCA
    self.networkBootstrapKeys = networkBootstrapKeys
    self.unlockKeys = unlockKeys
    self.defaultAddressPool = defaultAddressPool
    self.subnetSize = subnetSize
    self.dataPathPort = dataPathPort
    self.featureLevel = featureLevel
    self.unknownFields = unknownFields
  }
}
