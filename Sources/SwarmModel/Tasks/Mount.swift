// SPDX-License-Identifier: Apache-2.0

/// A file system that appears inside a task.
public struct Mount: Sendable, Hashable {
  /// What is mounted.
  public var type: Kind
  /// What is mounted: a path or a volume's name.
  public var source: String
  /// Where it appears inside the task.
  public var target: String
  /// Whether the task can't write to it.
  public var readonly: Bool
  /// Options of ``Kind/bind``.
  public var bindOptions: BindOptions?
  /// Options of ``Kind/volume``.
  public var volumeOptions: VolumeOptions?
  /// Options of ``Kind/tmpfs``.
  public var tmpfsOptions: TmpfsOptions?
  /// How strictly host and task see the same content.
  public var consistency: Consistency
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    type: Kind = .bind,
    source: String = "",
    target: String = "",
    readonly: Bool = false,
    bindOptions: BindOptions? = nil,
    volumeOptions: VolumeOptions? = nil,
    tmpfsOptions: TmpfsOptions? = nil,
    consistency: Consistency = .default,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.type = type
    self.source = source
    self.target = target
    self.readonly = readonly
    self.bindOptions = bindOptions
    self.volumeOptions = volumeOptions
    self.tmpfsOptions = tmpfsOptions
    self.consistency = consistency
    self.unknownFields = unknownFields
  }

  /// What a mount shows.
  public enum Kind: Int32, Sendable, Hashable, CaseIterable {
    /// A path of the host.
    case bind = 0
    /// A volume of the runtime.
    case volume = 1
    /// A file system in memory.
    case tmpfs = 2
    /// A named pipe of the host.
    case npipe = 3
    /// A volume of the cluster.
    case cluster = 4
  }

  /// How strictly host and task see the same content.
  public enum Consistency: Int32, Sendable, Hashable, CaseIterable {
    /// As the runtime likes.
    case `default` = 0
    /// Always the same.
    case consistent = 1
    /// The host's view leads.
    case cached = 2
    /// The task's view leads.
    case delegated = 3
  }

  /// Options of a bind mount.
  public struct BindOptions: Sendable, Hashable {
    /// How nested mounts propagate.
    public var propagation: Propagation
    /// Whether nested mounts are left out.
    public var nonrecursive: Bool
    /// Whether a missing source is created.
    public var createMountpoint: Bool
    /// Whether nested mounts stay writable.
    public var readOnlyNonrecursive: Bool
    /// Whether it is an error when nested mounts can't be made read-only.
    public var readOnlyForceRecursive: Bool
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      propagation: Propagation = .rprivate,
      nonrecursive: Bool = false,
      createMountpoint: Bool = false,
      readOnlyNonrecursive: Bool = false,
      readOnlyForceRecursive: Bool = false,
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.propagation = propagation
      self.nonrecursive = nonrecursive
      self.createMountpoint = createMountpoint
      self.readOnlyNonrecursive = readOnlyNonrecursive
      self.readOnlyForceRecursive = readOnlyForceRecursive
      self.unknownFields = unknownFields
    }
  }

  /// How mounts propagate between host and task.
  public enum Propagation: Int32, Sendable, Hashable, CaseIterable {
    /// Not at all, recursively.
    case rprivate = 0
    /// Not at all.
    case `private` = 1
    /// Both ways, recursively.
    case rshared = 2
    /// Both ways.
    case shared = 3
    /// Into the task, recursively.
    case rslave = 4
    /// Into the task.
    case slave = 5
  }

  /// Options of a volume mount.
  public struct VolumeOptions: Sendable, Hashable {
    /// Whether a new volume isn't filled with the image's content.
    public var nocopy: Bool
    /// Labels of a new volume.
    public var labels: [String: String]
    /// The driver of a new volume.
    public var driverConfig: Driver?
    /// The path inside the volume that is mounted.
    public var subpath: String
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      nocopy: Bool = false,
      labels: [String: String] = [:],
      driverConfig: Driver? = nil,
      subpath: String = "",
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.nocopy = nocopy
      self.labels = labels
      self.driverConfig = driverConfig
      self.subpath = subpath
      self.unknownFields = unknownFields
    }
  }

  /// Options of a file system in memory.
  public struct TmpfsOptions: Sendable, Hashable {
    /// The size limit in bytes; 0 means none.
    public var sizeBytes: Int64
    /// The permission bits of the root.
    public var mode: UInt32
    /// Further mount options.
    public var options: String
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      sizeBytes: Int64 = 0,
      mode: UInt32 = 0,
      options: String = "",
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.sizeBytes = sizeBytes
      self.mode = mode
      self.options = options
      self.unknownFields = unknownFields
    }
  }
}
