// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// The command `swarmctl completion`.
struct CompletionCommand: LocalCommand {
  static let configuration = CommandConfiguration(
    commandName: "completion",
    abstract: "Print a script that completes command lines.",
    discussion: """
      bash:  swarmctl completion bash > /etc/bash_completion.d/swarmctl
      zsh:   swarmctl completion zsh > "${fpath[1]}/_swarmctl"
      fish:  swarmctl completion fish > ~/.config/fish/completions/swarmctl.fish
      """
  )

  @Argument(help: "bash, zsh or fish.")
  var shell: [String] = []

  func run(on console: Console) throws {
    try require(self.shell, of: "completion")
    guard self.shell.count == 1, let shell = CompletionShell(rawValue: self.shell[0]) else {
      throw CommandFailure("there is no completion for \(self.shell.joined(separator: " "))", hint: "Shells: bash, fish, zsh")
    }
    console.print(Swarmctl.completionScript(for: shell))
  }
}
