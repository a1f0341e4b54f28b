// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema
internal import FoundationEssentials

extension SwarmCommandLine {
  /// Carries out this process's own command line.
  package static func runAsProcess() async -> Int32 {
    await self.run(
      Array(CommandLine.arguments.dropFirst()),
      environment: ProcessInfo.processInfo.environment,
      console: Console(
        output: { StandardFile.standardOutput.write($0) },
        errors: { StandardFile.standardError.write($0) },
        bytes: { isError, bytes in (isError ? StandardFile.standardError : .standardOutput).write(bytes) }
      ),
      terminal: ProcessTerminal(),
      now: {
        let seconds = Date().timeIntervalSince1970
        return EngineTime(nanosecondsSince1970: Int64(seconds * 1e9))
      }
    )
  }
}
