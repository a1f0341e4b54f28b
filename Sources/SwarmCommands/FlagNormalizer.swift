// SPDX-License-Identifier: Apache-2.0

/// Turns docker's `--detach=false` into `--no-detach`, and `-eA=1` into `-e A=1`, which the parser of arguments understands.
package enum FlagNormalizer {
  /// Flags that take no value, or `=true` and `=false`.
  private static let switches: Set<String> = [
    "attachable", "autolock", "config-only", "detach", "details", "dry-run", "follow", "force", "force-new-cluster", "help",
    "ingress", "init", "interactive", "internal", "ipv4", "ipv6", "jobs", "manager", "no-healthcheck", "no-resolve",
    "no-resolve-image", "no-stream", "no-task-ids", "no-trunc", "pretty", "prune", "quiet", "raw", "read-only", "rollback",
    "rotate", "skip-interpolation", "timestamps", "tty", "verbose", "with-registry-auth",
  ]
  /// Short flags with a value, which may be joined to it: `-eA=1`.
  private static let shortValues: Set<Character> = ["c", "e", "l", "n", "o", "p", "u", "w"]
  private static let shortSwitches: [Character: String] = [
    "d": "detach", "q": "quiet", "t": "tty", "f": "force", "h": "help", "i": "interactive", "v": "verbose",
  ]

  package static func normalize(_ arguments: [String]) -> [String] {
    // What follows the image belongs to the service, and what follows the task to the command, not to us.
    var operandsBefore = arguments.starts(with: ["service", "create"]) ? 2 : arguments.first == "exec" ? 1 : Int.max
    var normalized: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" || (!argument.hasPrefix("-") && operandsBefore == 0) {
        return normalized + [argument] + rest
      }
      if !argument.hasPrefix("-") || argument == "-" {
        operandsBefore -= 1
        normalized.append(argument)
      } else if let flag = self.normalizedSwitch(argument) {
        normalized.append(flag)
      } else if let parts = self.splitJoined(argument) {
        normalized += parts
      } else {
        normalized.append(argument)
        if self.takesNextArgument(argument), let value = rest.popFirst() { normalized.append(value) }
      }
    }
    return normalized
  }

  /// The switch in the parser's form; `nil` when the argument isn't a switch.
  private static func normalizedSwitch(_ argument: String) -> String? {
    let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name: String
    if argument.hasPrefix("--") {
      name = String(parts[0].dropFirst(2))
      guard self.switches.contains(name) else { return nil }
    } else {
      let letters = parts[0].dropFirst()
      guard !letters.isEmpty, letters.allSatisfy({ self.shortSwitches[$0] != nil }) else { return nil }
      guard parts.count > 1, let last = letters.last, let long = self.shortSwitches[last] else { return argument }
      name = long
    }
    guard parts.count > 1 else { return argument }
    switch parts[1].lowercased() {
    case "1", "t", "true": return "--\(name)"
    case "0", "f", "false": return "--no-\(name)"
    default: return argument
    }
  }

  private static func splitJoined(_ argument: String) -> [String]? {
    let letters = argument.dropFirst()
    guard letters.count > 1, let first = letters.first, self.shortValues.contains(first) else { return nil }
    return ["-\(first)", String(letters.dropFirst())]
  }

  private static func takesNextArgument(_ argument: String) -> Bool {
    if argument.hasPrefix("--") { return !argument.contains("=") }
    return argument.count == 2
  }
}
