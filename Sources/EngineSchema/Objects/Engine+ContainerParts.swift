// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// Name resolution of a container.
  package struct DNSConfig: Codable, Hashable, Sendable {
    /// Servers that are asked.
    package var nameservers: [String]?
    /// Domains that are tried.
    package var search: [String]?
    /// Options of the resolver.
    package var options: [String]?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case nameservers = "Nameservers"
      case search = "Search"
      case options = "Options"
    }
  }

  /// A limit of a container's processes.
  package struct Ulimit: Codable, Hashable, Sendable {
    /// The limit's name.
    package var name: String?
    /// The soft limit.
    package var soft: Int64?
    /// The hard limit.
    package var hard: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case name = "Name"
      case soft = "Soft"
      case hard = "Hard"
    }
  }

  /// How a container's health is checked.
  package struct Healthcheck: Codable, Hashable, Sendable {
    /// `NONE`, or `CMD` or `CMD-SHELL` and a command.
    package var test: [String]?
    /// Nanoseconds between checks.
    package var interval: Int64?
    /// Nanoseconds that one check may take.
    package var timeout: Int64?
    /// Nanoseconds in which failures don't count.
    package var startPeriod: Int64?
    /// Nanoseconds between checks while it starts.
    package var startInterval: Int64?
    /// Failures in a row until it is unhealthy.
    package var retries: Int64?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case test = "Test"
      case interval = "Interval"
      case timeout = "Timeout"
      case startPeriod = "StartPeriod"
      case startInterval = "StartInterval"
      case retries = "Retries"
    }
  }

  /// Something that is mounted into a container.
  package struct Mount: Codable, Hashable, Sendable {
    /// `bind`, `volume`, `tmpfs`, `npipe` or `cluster`.
    package var type: String?
    /// What is mounted.
    package var source: String?
    /// Where.
    package var target: String?
    /// Whether it is read-only.
    package var readOnly: Bool?
    /// A hint of other platforms.
    package var consistency: String?
    /// Options of `bind`.
    package var bindOptions: BindOptions?
    /// Options of `volume`.
    package var volumeOptions: VolumeOptions?
    /// Options of `tmpfs`.
    package var tmpfsOptions: TmpfsOptions?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case type = "Type"
      case source = "Source"
      case target = "Target"
      case readOnly = "ReadOnly"
      case consistency = "Consistency"
      case bindOptions = "BindOptions"
      case volumeOptions = "VolumeOptions"
      case tmpfsOptions = "TmpfsOptions"
    }
  }

  /// Options of a bind mount.
  package struct BindOptions: Codable, Hashable, Sendable {
    /// How later mounts spread.
    package var propagation: String?
    /// Whether mounts below it are left out.
    package var nonRecursive: Bool?
    /// Whether the source is made when it isn't there.
    package var createMountpoint: Bool?
    /// Whether mounts below a read-only one stay writable.
    package var readOnlyNonRecursive: Bool?
    /// Whether it is an error when mounts below can't be made read-only.
    package var readOnlyForceRecursive: Bool?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case propagation = "Propagation"
      case nonRecursive = "NonRecursive"
      case createMountpoint = "CreateMountpoint"
      case readOnlyNonRecursive = "ReadOnlyNonRecursive"
      case readOnlyForceRecursive = "ReadOnlyForceRecursive"
    }
  }

  /// Options of a volume mount.
  package struct VolumeOptions: Codable, Hashable, Sendable {
    /// Whether the image's content is left out.
    package var noCopy: Bool?
    /// Labels of a new volume.
    package var labels: [String: String]?
    /// The driver of a new volume.
    package var driverConfig: Driver?
    /// A folder inside the volume.
    package var subpath: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case noCopy = "NoCopy"
      case labels = "Labels"
      case driverConfig = "DriverConfig"
      case subpath = "Subpath"
    }
  }

  /// Options of a memory file system.
  package struct TmpfsOptions: Codable, Hashable, Sendable {
    /// Its size in bytes.
    package var sizeBytes: Int64?
    /// Its permissions.
    package var mode: UInt32?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case sizeBytes = "SizeBytes"
      case mode = "Mode"
    }
  }
}
