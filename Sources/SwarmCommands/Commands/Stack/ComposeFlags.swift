// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import Compose
internal import FoundationEssentials

/// `-c FILE`, any number of times, and the stack that the files make.
struct ComposeFlags: ParsableArguments {
  @Option(
    name: [.customShort("c"), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("A compose file, or - for standard input; each is laid over those before it.", valueName: "file")
  )
  var composeFile: [String] = []

  func check(command: String) throws(CommandFailure) {
    guard self.composeFile.isEmpty else { return }
    throw CommandFailure("a compose file is needed", hint: "For example: swarmctl \(command) -c stack.yml")
  }

  /// Reads the files; says what means nothing in a swarm.
  func stack(_ name: String, in session: CommandSession) throws(CommandFailure) -> Stack {
    let files = try self.files()
    do {
      let stack = try Stack(name: name, files: files, surroundings: self.surroundings(of: session))
      for note in stack.notes { session.console.complain(note) }
      return stack
    } catch {
      throw CommandFailure(error.description)
    }
  }

  /// The files as one, their variables as they stand.
  func merged(in session: CommandSession) throws(CommandFailure) -> String {
    let files = try self.files()
    do {
      return try Stack.merge(files, surroundings: self.surroundings(of: session))
    } catch {
      throw CommandFailure(error.description)
    }
  }

  private func files() throws(CommandFailure) -> [ComposeFile] {
    var files: [ComposeFile] = []
    for path in self.composeFile {
      let text = String(decoding: try StandardFile.contents(of: path), as: UTF8.self)
      files.append(ComposeFile(path: path == "-" ? "<stdin>" : path, text: text))
    }
    return files
  }

  private func surroundings(of session: CommandSession) -> ComposeSurroundings {
    ComposeSurroundings(environment: session.environment, directory: FileManager.default.currentDirectoryPath) {
      try StandardFile.contents(of: $0)
    }
  }
}
