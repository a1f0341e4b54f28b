// SPDX-License-Identifier: Apache-2.0

/// Finds the word that somebody meant.
enum Spelling {
  private static let maximumLength = 64

  /// The word with the fewest letters to change, when those are few enough.
  static func nearest(to word: String, in words: [String]) -> String? {
    guard word.utf8.count <= Self.maximumLength else { return nil }
    let distances = words.map { (word: $0, distance: self.distance(Array(word.utf8), Array($0.utf8))) }
    guard let best = distances.min(by: { $0.distance < $1.distance }), best.distance <= max(1, word.utf8.count / 3) else {
      return nil
    }
    return best.word
  }

  /// How many letters must be put in, taken out or exchanged.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var row = Array(0...b.count)
    for (i, letter) in a.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, other) in b.enumerated() {
        let exchanged = diagonal + (letter == other ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(exchanged, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
