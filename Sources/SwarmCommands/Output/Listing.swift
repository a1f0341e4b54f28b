// SPDX-License-Identifier: Apache-2.0

internal import EngineSchema

/// What `ls` and `ps` print: rows with named columns, as a table, by a template, as JSON, or only the ids.
struct Listing: Sendable {
  /// A column: the name in templates, the heading in tables.
  struct Column: Sendable {
    var name: String
    var heading: String
  }

  /// The columns of the default table.
  var columns: [Column]
  /// Columns that only templates show, and whose headings aren't their names.
  var furtherColumns: [Column] = []
  /// Cells by column name; may hold more than the default table shows.
  var rows: [[String: String]]
  /// The column that `--quiet` prints.
  var quietColumn = "ID"

  /// The lines to print.
  func lines(format: String?, quiet: Bool) throws(CommandFailure) -> [String] {
    switch format ?? "" {
    case _ where quiet && format == nil: return self.rows.map { $0[self.quietColumn] ?? "" }
    case "", "table": return self.table(self.columns)
    case "json": return self.rows.map { Self.value($0).text }
    case let format where format.hasPrefix("table "):
      return try self.table(template: String(format.dropFirst(6)))
    case let format:
      let template = try Template(format)
      var lines: [String] = []
      for row in self.rows { lines.append(try template.render(Self.value(row))) }
      return lines
    }
  }

  private func table(_ columns: [Column]) -> [String] {
    Table(
      headings: columns.map(\.heading),
      rows: self.rows.map { row in columns.map { row[$0.name] ?? "" } }
    ).lines
  }

  /// A table with the columns that a template names, separated by tabs.
  private func table(template text: String) throws(CommandFailure) -> [String] {
    let names = try Template(text).fieldNames
    var columns: [Column] = []
    for name in names {
      guard let known = (self.columns + self.furtherColumns).first(where: { $0.name == name }) else {
        if self.rows.first?[name] != nil {
          columns.append(Column(name: name, heading: name.uppercased()))
          continue
        }
        throw CommandFailure(
          "template error: there is no field .\(name)",
          hint: "Fields: \(self.columns.map { ".\($0.name)" }.joined(separator: " "))"
        )
      }
      columns.append(known)
    }
    return self.table(columns)
  }

  private static func value(_ row: [String: String]) -> JSONValue {
    var members = JSONMembers()
    for (name, cell) in row.sorted(by: { $0.key < $1.key }) {
      // The only cell that isn't text in docker's JSON.
      members[name] = name == "Self" ? .bool(cell == "true") : .string(cell)
    }
    return .object(members)
  }
}
