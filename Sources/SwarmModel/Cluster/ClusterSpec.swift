// SPDX-License-Identifier: Apache-2.0

/// What the operator wants of the cluster.
public struct ClusterSpec: Sendable, Hashable {
  /// The cluster's name, always `default`, and its labels.
  public var annotations: Annotations
  /// How services are kept running.
  public var orchestration: OrchestrationConfig
  /// Consensus settings.
  public var raft: RaftConfig
  /// How managers and workers talk.
  public var dispatcher: DispatcherConfig
  /// How node certificates are issued.
  public var caConfig: CAConfig
  /// Defaults of tasks.
  public var taskDefaults: TaskDefaults
  /// How managers protect what they store.
  public var encryptionConfig: EncryptionConfig
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    annotations: Annotations = Annotations(name: "default"),
    orchestration: OrchestrationConfig = OrchestrationConfig(),
    raft: RaftConfig = RaftConfig(),
    dispatcher: DispatcherConfig = DispatcherConfig(),
    caConfig: CAConfig = CAConfig(),
    taskDefaults: TaskDefaults = TaskDefaults(),
    encryptionConfig: EncryptionConfig = EncryptionConfig(),
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.annotations = annotations
    self.orchestration = orchestration
    self.raft = raft
    self.dispatcher = dispatcher
    self.caConfig = caConfig
    self.taskDefaults = taskDefaults
    self.encryptionConfig = encryptionConfig
    self.unknownFields = unknownFields
  }
}
