// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import EngineSchema

/// `--filter key=value`, any number of times.
struct FilterFlags: ParsableArguments {
  @Option(
    name: [.customShort("f", allowingJoined: true), .long],
    parsing: .unconditionalSingleValue,
    help: ArgumentHelp("Show only what matches.", valueName: "key=value")
  )
  var filter: [String] = []

  /// The filters as the API takes them.
  func filters() throws(CommandFailure) -> EngineFilters {
    var filters = EngineFilters()
    for text in self.filter {
      let (key, value) = KeyValues.split(text)
      guard let value else {
        throw .flags("invalid argument \"\(text)\" for \"-f, --filter\" flag: invalid filter '\(text)': expected key=value")
      }
      filters.add(value, to: key.lowercased())
    }
    return filters
  }
}

/// The flags of every command that lists something.
struct ListFlags: ParsableArguments {
  @OptionGroup var filterFlags: FilterFlags

  @Option(parsing: .unconditional, help: "table, json, or a template like '{{.ID}} {{.Name}}'.")
  var format: String?

  @Flag(name: .shortAndLong, inversion: .prefixedNo, help: "Print ids only.")
  var quiet = false
}
