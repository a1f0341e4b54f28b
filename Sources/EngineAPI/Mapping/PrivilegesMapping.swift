// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension Privileges {
  init(_ privileges: Engine.Privileges) throws(APIFailure) {
    self.init(noNewPrivileges: privileges.noNewPrivileges ?? false)
    self.credentialSpec = privileges.credentialSpec.map { spec in
      CredentialSpec(file: spec.file?.nonEmpty, registry: spec.registry?.nonEmpty, config: spec.config?.nonEmpty)
    }
    self.selinuxContext = privileges.selinuxContext.map { context in
      SELinuxContext(
        disable: context.disable ?? false,
        user: context.user ?? "",
        role: context.role ?? "",
        type: context.type ?? "",
        level: context.level ?? ""
      )
    }
    if let seccomp = privileges.seccomp {
      self.seccomp = SeccompOptions(
        mode: try Mode.engineNames.value(seccomp.mode, default: .default) { .badRequest("invalid Seccomp Mode: \"\($0)\"") },
        profile: seccomp.profile?.bytes ?? []
      )
    }
    if let profile = privileges.appArmor {
      self.apparmor = AppArmorOptions(
        mode: try ProfileMode.engineNames.value(profile.mode, default: .default) {
          .badRequest("invalid AppArmor Mode: \"\($0)\"")
        }
      )
    }
  }

  var apiValue: Engine.Privileges {
    var privileges = Engine.Privileges()
    privileges.noNewPrivileges = self.noNewPrivileges.trueOrNil
    privileges.credentialSpec = self.credentialSpec.map { spec in
      var shown = Engine.CredentialSpec()
      shown.file = spec.file
      shown.registry = spec.registry
      shown.config = spec.config
      return shown
    }
    privileges.selinuxContext = self.selinuxContext.map { context in
      var shown = Engine.SELinuxContext()
      shown.disable = context.disable
      shown.user = context.user
      shown.role = context.role
      shown.type = context.type
      shown.level = context.level
      return shown
    }
    privileges.seccomp = self.seccomp.map { options in
      var shown = Engine.Seccomp()
      shown.mode = Mode.engineNames[options.mode]
      shown.profile = options.profile.nonEmpty.map(Base64Bytes.init)
      return shown
    }
    privileges.appArmor = self.apparmor.map { options in
      var shown = Engine.AppArmor()
      shown.mode = ProfileMode.engineNames[options.mode]
      return shown
    }
    return privileges
  }
}
