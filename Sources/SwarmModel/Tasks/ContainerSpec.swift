// SPDX-License-Identifier: Apache-2.0

/// A container, or whatever the runtime makes of it.
public struct ContainerSpec: Sendable, Hashable {
  /// The image's reference; a plain label for runtimes without images.
  public var image: String
  /// The container's labels.
  public var labels: [String: String]
  /// The command that replaces the image's entry point.
  public var command: [String]
  /// The arguments.
  public var args: [String]
  /// The environment, as `NAME=value`; `NAME` alone removes a variable.
  public var env: [String]
  /// The working directory.
  public var dir: String
  /// The user (and group) that runs the command.
  public var user: String
  /// File systems that appear inside.
  public var mounts: [Mount]
  /// How long a task may take to stop before it is killed; `nil` means 10 seconds.
  public var stopGracePeriod: Duration?
  /// How the image is fetched.
  public var pullOptions: PullOptions?
  /// Further groups of the user.
  public var groups: [String]
  /// Secrets that appear inside.
  public var secrets: [SecretReference]
  /// Whether the command gets a terminal.
  public var tty: Bool
  /// The host name inside.
  public var hostname: String
  /// How names are resolved inside.
  public var dnsConfig: DNSConfig?
  /// How the runtime finds out whether the task is healthy.
  public var healthcheck: HealthConfig?
  /// Lines for the hosts file.
  public var hosts: [String]
  /// Whether standard input stays open.
  public var openStdin: Bool
  /// Whether the root file system can't be written.
  public var readOnly: Bool
  /// The signal that asks the command to stop; empty means the image's or `SIGTERM`.
  public var stopSignal: String
  /// Configs that appear inside.
  public var configs: [ConfigReference]
  /// Security options.
  public var privileges: Privileges?
  /// Whether a small init process reaps children (SwarmKit's field `init`); `nil` leaves it to the runtime.
  public var initProcess: Bool?
  /// The isolation technology (Windows).
  public var isolation: Isolation
  /// The most processes inside; 0 means unlimited.
  public var pidsLimit: Int64
  /// Kernel parameters.
  public var sysctls: [String: String]
  /// Capabilities beyond the default.
  public var capabilityAdd: [String]
  /// Capabilities taken away.
  public var capabilityDrop: [String]
  /// Resource limits of the processes.
  public var ulimits: [Ulimit]
  /// The adjustment of the kernel's out-of-memory score.
  public var oomScoreAdj: Int64
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    image: String = "",
    labels: [String: String] = [:],
    command: [String] = [],
    args: [String] = [],
    env: [String] = [],
    dir: String = "",
    user: String = "",
    mounts: [Mount] = [],
    stopGracePeriod: Duration? = nil,
    pullOptions: PullOptions? = nil,
    groups: [String] = [],
    secrets: [SecretReference] = [],
    tty: Bool = false,
    hostname: String = "",
    dnsConfig: DNSConfig? = nil,
    healthcheck: HealthConfig? = nil,
    hosts: [String] = [],
    openStdin: Bool = false,
    readOnly: Bool = false,
    stopSignal: String = "",
    configs: [ConfigReference] = [],
    privileges: Privileges? = nil,
    initProcess: Bool? = nil,
    isolation: Isolation = .default,
    pidsLimit: Int64 = 0,
    sysctls: [String: String] = [:],
    capabilityAdd: [String] = [],
    capabilityDrop: [String] = [],
    ulimits: [Ulimit] = [],
    oomScoreAdj: Int64 = 0,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.image = image
    self.labels = labels
    self.command = command
    self.args = args
    self.env = env
    self.dir = dir
    self.user = user
    self.mounts = mounts
    self.stopGracePeriod = stopGracePeriod
    self.pullOptions = pullOptions
    self.groups = groups
    self.secrets = secrets
    self.tty = tty
    self.hostname = hostname
    self.dnsConfig = dnsConfig
    self.healthcheck = healthcheck
    self.hosts = hosts
    self.openStdin = openStdin
    self.readOnly = readOnly
    self.stopSignal = stopSignal
    self.configs = configs
    self.privileges = privileges
    self.initProcess = initProcess
    self.isolation = isolation
    self.pidsLimit = pidsLimit
    self.sysctls = sysctls
    self.capabilityAdd = capabilityAdd
    self.capabilityDrop = capabilityDrop
    self.ulimits = ulimits
    self.oomScoreAdj = oomScoreAdj
    self.unknownFields = unknownFields
  }

  /// The isolation technology of a container (Windows).
  public enum Isolation: Int32, Sendable, Hashable, CaseIterable {
    /// The runtime's own.
    case `default` = 0
    /// Process isolation.
    case process = 1
    /// A virtual machine.
    case hyperv = 2
  }

  /// How an image is fetched.
  public struct PullOptions: Sendable, Hashable {
    /// Credentials for the registry, encoded as docker does.
    public var registryAuth: String
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      registryAuth: String = "",
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.registryAuth = registryAuth
      self.unknownFields = unknownFields
    }
  }

  /// How names are resolved inside a container.
  public struct DNSConfig: Sendable, Hashable {
    /// Name servers.
    public var nameservers: [String]
    /// Search domains.
    public var search: [String]
    /// Resolver options.
    public var options: [String]
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      nameservers: [String] = [],
      search: [String] = [],
      options: [String] = [],
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.nameservers = nameservers
      self.search = search
      self.options = options
      self.unknownFields = unknownFields
    }
  }

  /// A resource limit of a process.
  public struct Ulimit: Sendable, Hashable {
    /// The limit's name, for example `nofile`.
    public var name: String
    /// The soft limit.
    public var soft: Int64
    /// The hard limit.
    public var hard: Int64
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      name: String = "",
      soft: Int64 = 0,
      hard: Int64 = 0,
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.name = name
      self.soft = soft
      self.hard = hard
      self.unknownFields = unknownFields
    }
  }
}
