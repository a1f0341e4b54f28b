// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import SwarmModel

extension ContainerSpec {
  init(_ spec: Engine.ContainerSpec) throws(APIFailure) {
    self.init(
      image: spec.image ?? "",
      labels: spec.labels ?? [:],
      command: spec.command ?? [],
      args: spec.args ?? [],
      env: spec.env ?? [],
      dir: spec.dir ?? "",
      user: spec.user ?? "",
      stopGracePeriod: spec.stopGracePeriod.map { .nanoseconds($0) },
      groups: spec.groups ?? [],
      tty: spec.tty ?? false,
      hostname: spec.hostname ?? "",
      hosts: spec.hosts ?? [],
      openStdin: spec.openStdin ?? false,
      readOnly: spec.readOnly ?? false,
      stopSignal: spec.stopSignal ?? "",
      initProcess: spec.usesInit,
      isolation: try Isolation.engineNames.value(spec.isolation, default: .default) {
        .badRequest("ContainerSpec: invalid Isolation \"\($0)\"")
      },
      sysctls: spec.sysctls ?? [:],
      capabilityAdd: spec.capabilityAdd ?? [],
      capabilityDrop: spec.capabilityDrop ?? [],
      ulimits: (spec.ulimits ?? []).map { Ulimit(name: $0.name ?? "", soft: $0.soft ?? 0, hard: $0.hard ?? 0) },
      oomScoreAdj: spec.oomScoreAdj ?? 0
    )
    for mount in spec.mounts ?? [] { self.mounts.append(try Mount(mount)) }
    for secret in spec.secrets ?? [] { self.secrets.append(try SecretReference(secret)) }
    for config in spec.configs ?? [] { self.configs.append(try ConfigReference(config)) }
    self.dnsConfig = spec.dnsConfig.map(DNSConfig.init)
    if let healthcheck = spec.healthcheck { self.healthcheck = HealthConfig(healthcheck) }
    if let privileges = spec.privileges { self.privileges = try Privileges(privileges) }
  }

  var apiValue: Engine.ContainerSpec {
    var spec = Engine.ContainerSpec()
    spec.image = self.image.nonEmpty
    spec.labels = self.labels.nonEmpty
    spec.command = self.command.nonEmpty
    spec.args = self.args.nonEmpty
    spec.hostname = self.hostname.nonEmpty
    spec.env = self.env.nonEmpty
    spec.dir = self.dir.nonEmpty
    spec.user = self.user.nonEmpty
    spec.groups = self.groups.nonEmpty
    spec.privileges = self.privileges?.apiValue
    spec.usesInit = self.initProcess
    spec.stopSignal = self.stopSignal.nonEmpty
    spec.tty = self.tty.trueOrNil
    spec.openStdin = self.openStdin.trueOrNil
    spec.readOnly = self.readOnly.trueOrNil
    spec.mounts = self.mounts.map(\.apiValue).nonEmpty
    spec.stopGracePeriod = self.stopGracePeriod?.apiValue
    spec.healthcheck = self.healthcheck?.apiValue
    spec.hosts = self.hosts.nonEmpty
    spec.dnsConfig = self.dnsConfig?.apiValue
    spec.secrets = self.secrets.map(\.apiValue).nonEmpty
    spec.configs = self.configs.map(\.apiValue).nonEmpty
    spec.isolation = Isolation.engineNames[self.isolation]
    spec.sysctls = self.sysctls.nonEmpty
    spec.capabilityAdd = self.capabilityAdd.nonEmpty
    spec.capabilityDrop = self.capabilityDrop.nonEmpty
    spec.ulimits = self.ulimits.map(\.apiValue).nonEmpty
    spec.oomScoreAdj = self.oomScoreAdj.nonZero
    return spec
  }
}

extension ContainerSpec.DNSConfig {
  init(_ config: Engine.DNSConfig) {
    self.init(nameservers: config.nameservers ?? [], search: config.search ?? [], options: config.options ?? [])
  }

  var apiValue: Engine.DNSConfig {
    var config = Engine.DNSConfig()
    config.nameservers = self.nameservers.nonEmpty
    config.search = self.search.nonEmpty
    config.options = self.options.nonEmpty
    return config
  }
}

extension ContainerSpec.Ulimit {
  var apiValue: Engine.Ulimit {
    var limit = Engine.Ulimit()
    limit.name = self.name
    limit.soft = self.soft
    limit.hard = self.hard
    return limit
  }
}

extension HealthConfig {
  init(_ check: Engine.Healthcheck) {
    self.init(
      test: check.test ?? [],
      interval: check.interval.map { .nanoseconds($0) },
      timeout: check.timeout.map { .nanoseconds($0) },
      retries: Int32(clamping: check.retries ?? 0),
      startPeriod: check.startPeriod.map { .nanoseconds($0) },
      startInterval: check.startInterval.map { .nanoseconds($0) }
    )
  }

  var apiValue: Engine.Healthcheck {
    var check = Engine.Healthcheck()
    check.test = self.test.nonEmpty
    check.interval = self.interval?.apiValue
    check.timeout = self.timeout?.apiValue
    check.retries = Int64(self.retries).nonZero
    check.startPeriod = self.startPeriod?.apiValue
    check.startInterval = self.startInterval?.apiValue
    return check
  }
}
