// SPDX-License-Identifier: Apache-2.0

/// What the runtime knows of a task's container.
public struct ContainerStatus: Sendable, Hashable {
  /// The runtime's own id.
  public var containerID: String
  /// The process id on the node.
  public var pid: Int32
  /// The exit code, once ended.
  public var exitCode: Int32
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    containerID: String = "",
    pid: Int32 = 0,
    exitCode: Int32 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.containerID = containerID
    self.pid = pid
    self.exitCode = exitCode
    self.unknownFields = unknownFields
  }
}
