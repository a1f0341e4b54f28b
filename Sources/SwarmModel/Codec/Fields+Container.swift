// SPDX-License-Identifier: Apache-2.0

extension FileTarget: WireMessage {
  package static var blank: Self { Self(mode: 0) }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.name)
    try fields.visit(2, &self.uid)
    try fields.visit(3, &self.gid)
    try fields.visit(4, &self.mode)
  }
}

extension SecretReference: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.secretID)
    try fields.visit(2, &self.secretName)
    try fields.visit(3, &self.file)
  }
}

extension ConfigReference: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.configID)
    try fields.visit(2, &self.configName)
    try fields.visit(3, &self.file)
    try fields.visit(4, &self.runtime)
  }
}

extension ConfigReference.RuntimeTarget: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {}
}

extension HealthConfig: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.test)
    try fields.visit(2, &self.interval)
    try fields.visit(3, &self.timeout)
    try fields.visit(4, &self.retries)
    try fields.visit(5, &self.startPeriod)
    try fields.visit(6, &self.startInterval)
  }
}

extension Mount: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.type)
    try fields.visit(2, &self.source)
    try fields.visit(3, &self.target)
    try fields.visit(4, &self.readonly)
    try fields.visit(5, &self.bindOptions)
    try fields.visit(6, &self.volumeOptions)
    try fields.visit(7, &self.tmpfsOptions)
    try fields.visit(8, &self.consistency)
  }
}

extension Mount.Kind: WireEnum {
  package static var blank: Self { .bind }
}

extension Mount.Consistency: WireEnum {
  package static var blank: Self { .`default` }
}

extension Mount.BindOptions: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.propagation)
    try fields.visit(2, &self.nonrecursive)
    try fields.visit(3, &self.createMountpoint)
    try fields.visit(4, &self.readOnlyNonrecursive)
    try fields.visit(5, &self.readOnlyForceRecursive)
  }
}

extension Mount.Propagation: WireEnum {
  package static var blank: Self { .rprivate }
}

extension Mount.VolumeOptions: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.nocopy)
    try fields.visit(2, &self.labels)
    try fields.visit(3, &self.driverConfig)
    try fields.visit(4, &self.subpath)
  }
}

extension Mount.TmpfsOptions: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.sizeBytes)
    try fields.visit(2, &self.mode)
    try fields.visit(3, &self.options)
  }
}

extension Privileges: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.credentialSpec)
    try fields.visit(2, &self.selinuxContext)
    try fields.visit(3, &self.seccomp)
    try fields.visit(4, &self.apparmor)
    try fields.visit(5, &self.noNewPrivileges)
  }
}

extension Privileges.CredentialSpec: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.file)
    try fields.visit(2, &self.registry)
    try fields.visit(3, &self.config)
  }
}

extension Privileges.SELinuxContext: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.disable)
    try fields.visit(2, &self.user)
    try fields.visit(3, &self.role)
    try fields.visit(4, &self.type)
    try fields.visit(5, &self.level)
  }
}

extension Privileges.SeccompOptions: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.mode)
    try fields.visit(2, &self.profile)
  }
}

extension Privileges.Mode: WireEnum {
  package static var blank: Self { .`default` }
}

extension Privileges.AppArmorOptions: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.mode)
  }
}

extension Privileges.ProfileMode: WireEnum {
  package static var blank: Self { .`default` }
}

extension ContainerSpec: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.image)
    try fields.visit(2, &self.labels)
    try fields.visit(3, &self.command)
    try fields.visit(4, &self.args)
    try fields.visit(5, &self.env)
    try fields.visit(6, &self.dir)
    try fields.visit(7, &self.user)
    try fields.visit(8, &self.mounts)
    try fields.visit(9, &self.stopGracePeriod)
    try fields.visit(10, &self.pullOptions)
    try fields.visit(11, &self.groups)
    try fields.visit(12, &self.secrets)
    try fields.visit(13, &self.tty)
    try fields.visit(14, &self.hostname)
    try fields.visit(15, &self.dnsConfig)
    try fields.visit(16, &self.healthcheck)
    try fields.visit(17, &self.hosts)
    try fields.visit(18, &self.openStdin)
    try fields.visit(19, &self.readOnly)
    try fields.visit(20, &self.stopSignal)
    try fields.visit(21, &self.configs)
    try fields.visit(22, &self.privileges)
    try fields.visitWrapped(23, &self.initProcess)
    try fields.visit(24, &self.isolation)
    try fields.visit(25, &self.pidsLimit)
    try fields.visit(26, &self.sysctls)
    try fields.visit(27, &self.capabilityAdd)
    try fields.visit(28, &self.capabilityDrop)
    try fields.visit(29, &self.ulimits)
    try fields.visit(30, &self.oomScoreAdj)
  }
}

extension ContainerSpec.Isolation: WireEnum {
  package static var blank: Self { .`default` }
}

extension ContainerSpec.PullOptions: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(64, &self.registryAuth)
  }
}

extension ContainerSpec.DNSConfig: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.nameservers)
    try fields.visit(2, &self.search)
    try fields.visit(3, &self.options)
  }
}

extension ContainerSpec.Ulimit: WireMessage {
  package static var blank: Self { Self() }

  package mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.name)
    try fields.visit(2, &self.soft)
    try fields.visit(3, &self.hard)
  }
}
