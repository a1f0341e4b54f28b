// SPDX-License-Identifier: Apache-2.0

/// Security options of a container.
public struct Privileges: Sendable, Hashable {
  /// A Windows credential specification.
  public var credentialSpec: CredentialSpec?
  /// The SELinux labels.
  public var selinuxContext: SELinuxContext?
  /// The seccomp profile.
  public var seccomp: SeccompOptions?
  /// The AppArmor profile.
  public var apparmor: AppArmorOptions?
  /// Whether processes can't gain privileges.
  public var noNewPrivileges: Bool
  /// Fields that this version does not know; they are written back unchanged.
  public var unknownFields: UnknownFields

  /// Creates a value; what is left out has the default value.
  public init(
    credentialSpec: CredentialSpec? = nil,
    selinuxContext: SELinuxContext? = nil,
    seccomp: SeccompOptions? = nil,
    apparmor: AppArmorOptions? = nil,
    noNewPrivileges: Bool = false,
    unknownFields: UnknownFields = UnknownFields()
  ) {
    self.credentialSpec = credentialSpec
    self.selinuxContext = selinuxContext
    self.seccomp = seccomp
    self.apparmor = apparmor
    self.noNewPrivileges = noNewPrivileges
    self.unknownFields = unknownFields
  }

  /// Where a Windows credential specification comes from; one of the three.
  public struct CredentialSpec: Sendable, Hashable {
    /// A file name.
    public var file: String?
    /// A registry value.
    public var registry: String?
    /// A config's id.
    public var config: String?
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      file: String? = nil,
      registry: String? = nil,
      config: String? = nil,
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.file = file
      self.registry = registry
      self.config = config
      self.unknownFields = unknownFields
    }
  }

  /// SELinux labels.
  public struct SELinuxContext: Sendable, Hashable {
    /// Whether labelling is off.
    public var disable: Bool
    /// The user label.
    public var user: String
    /// The role label.
    public var role: String
    /// The type label.
    public var type: String
    /// The level label.
    public var level: String
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      disable: Bool = false,
      user: String = "",
      role: String = "",
      type: String = "",
      level: String = "",
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.disable = disable
      self.user = user
      self.role = role
      self.type = type
      self.level = level
      self.unknownFields = unknownFields
    }
  }

  /// A seccomp profile.
  public struct SeccompOptions: Sendable, Hashable {
    /// Which profile is used.
    public var mode: Mode
    /// The custom profile, JSON.
    public var profile: [UInt8]
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      mode: Mode = .default,
      profile: [UInt8] = [],
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.mode = mode
      self.profile = profile
      self.unknownFields = unknownFields
    }
  }

  /// Which profile is used.
  public enum Mode: Int32, Sendable, Hashable, CaseIterable {
    /// The runtime's own.
    case `default` = 0
    /// None.
    case unconfined = 1
    /// The one given.
    case custom = 2
  }

  /// An AppArmor profile.
  public struct AppArmorOptions: Sendable, Hashable {
    /// Which profile is used.
    public var mode: ProfileMode
    /// Fields that this version does not know; they are written back unchanged.
    public var unknownFields: UnknownFields

    /// Creates a value; what is left out has the default value.
    public init(
      mode: ProfileMode = .default,
      unknownFields: UnknownFields = UnknownFields()
    ) {
      self.mode = mode
      self.unknownFields = unknownFields
    }
  }

  /// Which AppArmor profile is used.
  public enum ProfileMode: Int32, Sendable, Hashable, CaseIterable {
    /// The runtime's own.
    case `default` = 0
    /// None.
    case disabled = 1
  }
}
