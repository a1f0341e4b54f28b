// SPDX-License-Identifier: Apache-2.0

/// What the shim is told to run: the file `instructions` in the task's directory.
///
/// Strings that end with NUL: the format's name, then fields whose first character says what they are, then `Z`.
struct Instructions: Hashable, Sendable {
  /// What is run.
  var command: ProcessCommand
  /// The task's id.
  var task: String
  /// The path of the node's lease.
  var lease: String
  /// The control group that it belongs into, if there is one.
  var group: String?
  /// How much of its log is kept.
  var log: LogRetention

  /// The file's content.
  ///
  /// No string in it contains NUL: ``ProcessCommand`` sees to that.
  var encoded: [UInt8] {
    var bytes = Array("swarm-task 1\0".utf8)
    func add(_ kind: Character, _ text: String) {
      bytes.append(contentsOf: "\(kind)\(text)\0".utf8)
    }
    add("I", self.task)
    for argument in self.command.arguments { add("A", argument) }
    for variable in self.command.environment { add("E", variable) }
    add("D", self.command.workingDirectory)
    add("L", self.lease)
    add("M", String(self.log.fileSize))
    add("N", String(self.log.files))
    if let group { add("C", group) }
    add("S", String(self.command.stopSignal))
    add("G", String(self.command.stopGrace.nanoseconds / 1_000_000))
    add("Z", "")
    return bytes
  }
}
