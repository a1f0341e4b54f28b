// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What a service's tasks are.
extension ServiceSheet {
  static func container(_ spec: Engine.ContainerSpec) -> [Line] {
    var lines = [("ContainerSpec:", ""), (" Image:", spec.image ?? "")]
    if let command = spec.command { lines.append((" Command:", command.joined(separator: " "))) }
    if let args = spec.args { lines.append((" Args:", args.joined(separator: " "))) }
    if let env = spec.env { lines.append((" Env:", env.joined(separator: " "))) }
    if let dir = spec.dir { lines.append((" Dir:", dir)) }
    if let usesInit = spec.usesInit { lines.append((" Init:", String(usesInit))) }
    if let user = spec.user { lines.append((" User:", user)) }
    let capabilities = [(" Add:", spec.capabilityAdd ?? []), (" Drop:", spec.capabilityDrop ?? [])]
    lines += self.section(
      "Capabilities:",
      capabilities.filter { !$0.1.isEmpty }.map { ($0.0, $0.1.joined(separator: ", ")) }
    )
    lines += self.section("SysCtls:", (spec.sysctls ?? [:]).inOrder { $0.isEmpty ? "" : ": \($0)" })
    lines += self.section("Ulimits:", (spec.ulimits ?? []).map { (" \($0.name ?? ""): \($0.soft ?? 0):\($0.hard ?? 0)", "") })
    lines += self.section("Mounts:", (spec.mounts ?? []).flatMap(self.mount))
    // A config without a file is read by the runtime alone.
    lines += self.section(
      "Configs:",
      (spec.configs ?? []).filter { $0.file != nil }.flatMap { self.file($0.file, $0.configName) }
    )
    lines += self.section("Secrets:", (spec.secrets ?? []).flatMap { self.file($0.file, $0.secretName) })
    return lines
  }

  private static func mount(_ mount: Engine.Mount) -> [Line] {
    [
      (" Target:", mount.target ?? ""), ("  Source:", mount.source ?? ""), ("  ReadOnly:", String(mount.readOnly ?? false)),
      ("  Type:", mount.type ?? ""),
    ]
  }

  private static func file(_ file: Engine.FileTarget?, _ source: String?) -> [Line] {
    [(" Target:", file?.name ?? ""), ("  Source:", source ?? "")]
  }

  static func logDriver(_ driver: Engine.Driver) -> [Line] {
    var lines: [Line] = []
    if let name = driver.name, !name.isEmpty { lines.append((" Name:", name)) }
    let options = (driver.options ?? [:]).sorted { $0.key < $1.key }
    lines += self.section(" LogOpts:", options.map { ($0.value.isEmpty ? "  \($0.key)" : "  \($0.key):", $0.value) })
    return self.section("Log Driver:", lines)
  }

  static func healthcheck(_ check: Engine.Healthcheck) -> [Line] {
    func time(_ nanoseconds: Int64?) -> String { DurationValue(nanoseconds: nanoseconds ?? 0).text }
    var lines: [Line] = [
      ("  Interval = \(time(check.interval))", ""), ("  Retries = \(check.retries ?? 0)", ""),
      ("  StartPeriod = \(time(check.startPeriod))", ""), ("  Timeout = \(time(check.timeout))", ""),
    ]
    lines += self.section("  Tests:", (check.test ?? []).map { ("   Test = \($0)", "") })
    return self.section(" Healthcheck:", lines)
  }
}

extension [String: String] {
  /// The members in order of their keys, one line each.
  ///
  /// - Parameter suffix: what stands behind a key, by its value.
  func inOrder(_ suffix: (String) -> String) -> [ServiceSheet.Line] {
    self.sorted { $0.key < $1.key }.map { (" \($0.key)\(suffix($0.value))", "") }
  }
}
