// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// The command `swarmctl service logs`.
struct ServiceLogsCommand: SessionCommand {
  static let configuration = CommandConfiguration(commandName: "logs", abstract: "Show what a service or a task wrote.")

  @Flag(inversion: .prefixedNo, help: "Show what log drivers say about the lines.")
  var details = false

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Wait for what is still to be written.")
  var follow = false

  @Flag(inversion: .prefixedNo, help: "Show ids in place of names.")
  var noResolve = false

  @Flag(inversion: .prefixedNo, help: "Leave the tasks' ids out.")
  var noTaskIds = false

  @Flag(inversion: .prefixedNo, exclusivity: .chooseLast, help: "Don't shorten ids.")
  var noTrunc = false

  @Flag(inversion: .prefixedNo, help: "Show the lines alone.")
  var raw = false

  @Option(parsing: .unconditional, help: ArgumentHelp("Begin at a time, or so long ago.", valueName: "time"))
  var since: String?

  @Option(
    name: [.customShort("n", allowingJoined: true), .long],
    parsing: .unconditional,
    help: ArgumentHelp("How many of each task's last lines to begin with.", valueName: "number")
  )
  var tail = "all"

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Show when lines were written.")
  var timestamps = false

  @Argument(help: "The service or the task.")
  var target: String

  func run(in session: CommandSession) async throws {
    let subject = try await Self.find(self.target, in: session.client)
    if subject.hasTerminal, !self.raw { throw CommandFailure("tty service logs only supported with --raw") }
    var query = [("stdout", "1"), ("stderr", "1"), ("tail", self.tail)]
    if self.follow { query.append(("follow", "1")) }
    if self.timestamps { query.append(("timestamps", "1")) }
    if self.details || !self.raw { query.append(("details", "1")) }
    if let since { query.append(("since", try Moment.parse(since, flag: "since", now: session.now()).unixText)) }
    if subject.hasTerminal {
      return try await session.client.stream(subject.path, query) { session.console.write(String(decoding: $0, as: UTF8.self)) }
    }
    var frames = LogFrames()
    let names = TaskLabels(
      client: session.client,
      resolves: !self.noResolve,
      showsTaskIDs: !self.noTaskIds,
      isTruncated: !self.noTrunc,
      width: subject.width
    )
    try await session.client.stream(subject.path, query) { piece in
      for frame in try frames.read(piece) {
        let text = String(decoding: frame.bytes, as: UTF8.self)
        if frame.stream == 3 { throw CommandFailure("error from daemon in stream: \(text)") }
        let line = self.raw ? text : try await self.labelled(text, names)
        if frame.stream == 2 { session.console.complain(unended: line) } else { session.console.write(line) }
      }
    }
  }

  /// A line with its task in front, in place of the ids that the server sent.
  private func labelled(_ text: String, _ names: TaskLabels) async throws -> String {
    let parts = text.split(separator: " ", maxSplits: self.timestamps ? 2 : 1, omittingEmptySubsequences: false)
    guard parts.count == (self.timestamps ? 3 : 2), let context = LogContext(String(parts[parts.count - 2])) else {
      throw CommandFailure("the server sent a line without its task: \(text)")
    }
    var line = self.timestamps ? "\(parts[0]) " : ""
    line += "\(try await names.label(of: context))    | "
    if self.details { line += "\(context.rest) " }
    return line + parts[parts.count - 1]
  }

  /// Where the logs are, and how they look.
  private struct Subject {
    var path: String
    var hasTerminal: Bool
    /// How many digits the longest slot has.
    var width: Int
  }

  private static func find(_ reference: String, in client: EngineClient) async throws -> Subject {
    let encoded = PercentCoding.encode(reference)
    do {
      let service = try await client.service(reference)
      let replicas = service.spec?.mode?.replicated?.replicas
      return Subject(
        path: "/services/\(encoded)/logs",
        hasTerminal: service.spec?.taskTemplate?.containerSpec?.tty ?? false,
        width: replicas.map { String($0).count } ?? 1
      )
    } catch let error as DaemonError where error.status == 404 {
      // It may be a task.
    }
    do {
      let task = try await client.task(reference)
      return Subject(
        path: "/tasks/\(encoded)/logs",
        hasTerminal: task.spec?.containerSpec?.tty ?? false,
        width: String(task.slot ?? 0).count
      )
    } catch let error as DaemonError where error.status == 404 {
      throw CommandFailure("no such task or service: \(reference)")
    }
  }
}
