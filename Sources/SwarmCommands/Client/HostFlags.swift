// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// The flags that say which server to talk to, and how: like docker's, they stand before the command.
struct HostFlags {
  private var values: [String: String] = [:]
  private var switches: [String: Bool] = [:]

  private static let valueFlags: Set = ["--host", "--tlscacert", "--tlscert", "--tlskey"]
  private static let switchFlags: Set = ["--tls", "--tlsverify"]

  /// Takes the flags off the front.
  init(taking arguments: inout ArraySlice<String>) throws(CommandFailure) {
    while let first = arguments.first, first.hasPrefix("-") {
      var (name, value) = Self.split(first)
      if name == "-H" { name = "--host" }
      if Self.switchFlags.contains(name) {
        switch value ?? "true" {
        case "true", "1": self.switches[name] = true
        case "false", "0": self.switches[name] = false
        case let other: throw .flags("invalid argument \"\(other)\" for \"\(name)\" flag")
        }
      } else if Self.valueFlags.contains(name) {
        if value == nil {
          guard arguments.count > 1 else { throw .flags("flag needs an argument: \(first)") }
          arguments.removeFirst()
          value = arguments.first
        }
        self.values[name] = value
      } else {
        return
      }
      arguments.removeFirst()
    }
  }

  /// `--host=URL`, `-H=URL` and `-HURL` in two parts.
  private static func split(_ argument: String) -> (name: String, value: String?) {
    if argument.hasPrefix("-H"), argument.count > 2 { return ("-H", String(argument.dropFirst(2).drop { $0 == "=" })) }
    guard let sign = argument.firstIndex(of: "=") else { return (argument, nil) }
    return (String(argument[..<sign]), String(argument[argument.index(after: sign)...]))
  }

  /// The server to talk to: the flag's, else `SWARM_HOST`, else `DOCKER_HOST`, else the default node of this machine; TLS by the flags, else by
  /// `DOCKER_TLS_VERIFY`.
  func server(_ environment: [String: String]) throws(CommandFailure) -> EngineHost {
    var host = try EngineHost.choose(flag: self.values["--host"], environment: environment)
    if case .tcp = host.kind { host.tls = self.tls(environment) }
    return host
  }

  private func tls(_ environment: [String: String]) -> EngineTLS? {
    let verifies = self.switches["--tlsverify"] ?? (environment["DOCKER_TLS_VERIFY"].map { !$0.isEmpty } ?? false)
    let files = ["--tlscacert", "--tlscert", "--tlskey"].map { self.values[$0] }
    guard verifies || self.switches["--tls"] == true || files.contains(where: { $0 != nil }) else { return nil }
    let directory = environment["DOCKER_CERT_PATH"].flatMap { $0.isEmpty ? nil : $0 } ?? "\(environment["HOME"] ?? "")/.docker"
    func file(_ flag: String, _ name: String) -> String? {
      if let file = self.values[flag] { return file }
      let usual = "\(directory)/\(name)"
      return FileManager.default.fileExists(atPath: usual) ? usual : nil
    }
    return EngineTLS(
      verifiesServer: verifies,
      authorityFile: file("--tlscacert", "ca.pem"),
      certificateFile: file("--tlscert", "cert.pem"),
      keyFile: file("--tlskey", "key.pem")
    )
  }
}
