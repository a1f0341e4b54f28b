// SPDX-License-Identifier: Apache-2.0

internal import SwarmModel

/// One message of a stream between who runs a command and who asked for it; at most one field says something.
struct ExecFrame: Hashable, Sendable {
  /// The first frame of a worker: which errand this is about.
  var errand: ErrandID?
  /// The first frame of a manager: what to run.
  var command: TaskCommand?
  var input: [UInt8] = []
  var inputEnds = false
  var size: TerminalSize?
  var stdout: [UInt8] = []
  var stderr: [UInt8] = []
  var exitCode: ExitCode?
  var failure: SwarmError?
  /// From a worker: how many pieces of input it takes, beyond those that it has said before.
  ///
  /// One that says so with its errand is sent no more.
  var grant: UInt32 = 0

  /// A code is there even when it is zero.
  struct ExitCode: Hashable, Sendable {
    var value: Int32
  }

  init(errand: ErrandID, grant: UInt32) { (self.errand, self.grant) = (errand, grant) }
  init(command: TaskCommand) { self.command = command }

  init(grant: UInt32) { self.grant = grant }

  init(_ input: ExecInput) {
    switch input {
    case .bytes(let bytes): self.input = bytes
    case .end: self.inputEnds = true
    case .resize(let size): self.size = size
    }
  }

  init(_ event: ExecEvent) {
    switch event {
    case .output(.stdout(let bytes)): self.stdout = bytes
    case .output(.stderr(let bytes)): self.stderr = bytes
    case .exited(let code): self.exitCode = ExitCode(value: code)
    case .failed(let error): self.failure = error
    }
  }

  private init() {}

  /// A frame that says nothing, and so that its sender is there.
  static let nothing = Self()

  /// What goes to the command; `nil` in a frame that says something else.
  var asInput: ExecInput? {
    if let size { return .resize(size) }
    if self.inputEnds { return .end }
    return self.input.isEmpty ? nil : .bytes(self.input)
  }

  /// What comes from the command; `nil` in a frame that says something else.
  var asEvent: ExecEvent? {
    if let failure { return .failed(failure) }
    if let exitCode { return .exited(exitCode.value) }
    if !self.stdout.isEmpty { return .output(.stdout(self.stdout)) }
    return self.stderr.isEmpty ? nil : .output(.stderr(self.stderr))
  }
}

extension ExecFrame: WireRecord {
  static var blank: Self { Self() }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.errand)
    try fields.visit(2, &self.command)
    try fields.visit(3, &self.input)
    try fields.visit(4, &self.inputEnds)
    try fields.visit(5, &self.size)
    try fields.visit(6, &self.stdout)
    try fields.visit(7, &self.stderr)
    try fields.visit(8, &self.exitCode)
    try fields.visit(9, &self.failure)
    try fields.visit(10, &self.grant)
  }

  /// What a newer version says here is left out.
  mutating func keepUnknownField(_ field: ArraySlice<UInt8>) {}
}

extension ExecFrame.ExitCode: WireRecord {
  static var blank: Self { Self(value: 0) }

  mutating func visitFields<Fields: FieldVisitor>(_ fields: inout Fields) throws(Fields.Failure) {
    try fields.visit(1, &self.value)
  }
}
