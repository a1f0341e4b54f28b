// SPDX-License-Identifier: Apache-2.0

extension Engine {
  /// Security options of a container.
  package struct Privileges: Codable, Hashable, Sendable {
    /// A credential specification of Windows.
    package var credentialSpec: CredentialSpec?
    /// Its SELinux labels.
    package var selinuxContext: SELinuxContext?
    /// Which system calls it may make.
    package var seccomp: Seccomp?
    /// Its AppArmor profile.
    package var appArmor: AppArmor?
    /// Whether it can't gain privileges.
    package var noNewPrivileges: Bool?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case credentialSpec = "CredentialSpec"
      case selinuxContext = "SELinuxContext"
      case seccomp = "Seccomp"
      case appArmor = "AppArmor"
      case noNewPrivileges = "NoNewPrivileges"
    }
  }

  /// Where a credential specification of Windows comes from.
  package struct CredentialSpec: Codable, Hashable, Sendable {
    /// A config's id.
    package var config: String?
    /// A file.
    package var file: String?
    /// A registry value.
    package var registry: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case config = "Config"
      case file = "File"
      case registry = "Registry"
    }
  }

  /// SELinux labels of a container.
  package struct SELinuxContext: Codable, Hashable, Sendable {
    /// Whether there are none.
    package var disable: Bool?
    /// The user.
    package var user: String?
    /// The role.
    package var role: String?
    /// The type.
    package var type: String?
    /// The level.
    package var level: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case disable = "Disable"
      case user = "User"
      case role = "Role"
      case type = "Type"
      case level = "Level"
    }
  }

  /// Which system calls a container may make.
  package struct Seccomp: Codable, Hashable, Sendable {
    /// `default`, `unconfined` or `custom`.
    package var mode: String?
    /// The custom profile, JSON; base64 on the wire.
    package var profile: Base64Bytes?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case mode = "Mode"
      case profile = "Profile"
    }
  }

  /// A container's AppArmor profile.
  package struct AppArmor: Codable, Hashable, Sendable {
    /// `default` or `disabled`.
    package var mode: String?

    package init() {}

    private enum CodingKeys: String, CodingKey {
      case mode = "Mode"
    }
  }
}
