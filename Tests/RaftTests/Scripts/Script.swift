// SPDX-License-Identifier: Apache-2.0

import Testing

/// A scenario as text.
///
/// Blocks are separated by blank lines; a block has commands, and behind a line `----` what members say and do because of them.
/// Without that line nobody listens. `#` begins a comment.
///
/// When a script fails, the whole block as it went is in the message: read it, and put it in place of the old one if it is right.
struct Script {
  private struct Block {
    var commands: [String] = []
    var expected: [String]?
    var comments: [String] = []
  }

  private let blocks: [Block]

  init(_ text: String) {
    var blocks = [Block()]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
      if line.isEmpty {
        if !blocks[blocks.count - 1].commands.isEmpty { blocks.append(Block()) }
      } else if line.hasPrefix("#") {
        blocks[blocks.count - 1].comments.append(line)
      } else if line == "----" {
        blocks[blocks.count - 1].expected = []
      } else if blocks[blocks.count - 1].expected != nil {
        blocks[blocks.count - 1].expected?.append(line)
      } else {
        blocks[blocks.count - 1].commands.append(line)
      }
    }
    self.blocks = blocks
  }

  /// Plays the whole script, and compares what is said with what was expected.
  func play(_ conversation: Conversation = Conversation(), sourceLocation: SourceLocation = #_sourceLocation) throws {
    var conversation = conversation
    for (number, block) in self.blocks.enumerated() {
      var heard: [String] = []
      for command in block.commands { heard += try conversation.perform(command) }
      if let expected = block.expected, heard != expected {
        let actual = (block.comments + block.commands + ["----"] + heard).joined(separator: "\n")
        Issue.record("block \(number + 1) of the script went otherwise:\n\n\(actual)\n", sourceLocation: sourceLocation)
      }
    }
    #expect(conversation.oracle.violations.isEmpty, sourceLocation: sourceLocation)
  }
}

/// A script that makes no sense.
struct ScriptError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
