// SPDX-License-Identifier: Apache-2.0

/// A port that a service publishes.
public struct PortConfig: Sendable, Hashable {
  /// A name for people.
  public var name: String
  /// The transport protocol.
  public var `protocol`: ProtocolKind
  /// The port inside the task.
  public var targetPort: UInt32
  /// The port that clients use; 0 lets the cluster choose one.
  public var publishedPort: UInt32
  /// Where the port is opened.
  public var publishMode: PublishMode
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    name: String = "",
    `protocol`: ProtocolKind = .tcp,
    targetPort: UInt32 = 0,
    publishedPort: UInt32 = 0,
    publishMode: PublishMode = .ingress,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.name = name
    self.protocol = `protocol`
    self.targetPort = targetPort
    self.publishedPort = publishedPort
    self.publishMode = publishMode
    self.unknownFields = unknownFields
  }

  /// A transport protocol.
  public enum ProtocolKind: Int32, Sendable, Hashable, CaseIterable {
    /// TCP.
    case tcp = 0
    /// UDP.
    case udp = 1
    /// SCTP.
    case sctp = 2
  }

  /// Where a published port is opened.
  public enum PublishMode: Int32, Sendable, Hashable, CaseIterable {
    /// On every node, through the routing mesh.
    case ingress = 0
    /// On the node that runs the task.
    case host = 1
  }
}
