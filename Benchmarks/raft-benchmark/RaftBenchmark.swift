// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser

/// How fast a Raft group is.
@main
struct RaftBenchmark: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "raft-benchmark",
    abstract: "Measures a Raft group with closed-loop clients.",
    subcommands: [MeasureCommand.self, MemberCommand.self, RecoverCommand.self],
    defaultSubcommand: MeasureCommand.self
  )
}
