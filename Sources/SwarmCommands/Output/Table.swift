// SPDX-License-Identifier: Apache-2.0

/// Rows under headings, in columns as wide as their widest cell and three spaces, as docker prints them.
package struct Table: Sendable {
  private static let minimumWidth = 10
  private static let spacing = 3

  package var headings: [String]
  package var rows: [[String]]

  package init(headings: [String], rows: [[String]]) {
    self.headings = headings
    self.rows = rows
  }

  /// The lines; the last column is as wide as it is.
  package var lines: [String] {
    let all = [self.headings] + self.rows
    let widths = self.headings.indices.map { column in
      max(Self.minimumWidth, (all.map { $0[column].count }.max() ?? 0) + Self.spacing)
    }
    return all.map { row in
      row.enumerated().map { column, cell in
        column == row.count - 1 ? cell : cell + String(repeating: " ", count: widths[column] - cell.count)
      }.joined()
    }
  }
}
