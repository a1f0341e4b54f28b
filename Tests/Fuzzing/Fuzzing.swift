// SPDX-License-Identifier: Apache-2.0

/// Feeds what reads bytes from outside by libFuzzer.
///
/// Say `fuzz --log`, `--frames` or `--gossip`, then libFuzzer's own flags and the directory of a corpus.
/// `fuzz --seeds DIRECTORY` writes the inputs to begin with.
///
/// A finding is whatever traps or reads out of bounds, and a promise that doesn't hold (``promise(_:_:)``).
@main
enum Fuzzing {
  /// What one input is given to.
  ///
  /// libFuzzer passes over flags with two dashes, and hands them on to the processes that it starts.
  static let target: @Sendable ([UInt8]) -> Void =
    switch CommandLine.arguments.dropFirst().first {
    case "--log": { LogTarget.run($0) }
    case "--frames": { FrameTarget.run($0) }
    case "--gossip": { GossipTarget.run($0) }
    default: fatalError("say --log, --frames, --gossip or --seeds")
    }

  static func main() throws {
    let arguments = CommandLine.arguments
    if arguments.count == 3, arguments[1] == "--seeds" { return try Seeds.write(to: arguments[2]) }
    var count = CommandLine.argc
    var values = unsafe CommandLine.unsafeArgv
    _ = unsafe runFuzzer(&count, &values, feedTarget)
  }
}

// Its arguments are numbers and pointers, which Swift passes as C does.
@_silgen_name("LLVMFuzzerRunDriver")
private func runFuzzer(
  _ count: UnsafeMutablePointer<Int32>,
  _ values: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ feed: @convention(c) (UnsafePointer<UInt8>?, Int) -> Int32
) -> Int32

// libFuzzer's archive is linked whole and wants it under this name.
@_cdecl("LLVMFuzzerTestOneInput")
func feedTarget(_ start: UnsafePointer<UInt8>?, _ count: Int) -> Int32 {
  Fuzzing.target(unsafe Array(UnsafeBufferPointer(start: start, count: count)))
  return 0
}

/// Ends the process when something isn't as it was promised, and says so in release builds too.
func promise(_ holds: Bool, _ complaint: @autoclosure () -> String) {
  guard holds else { fatalError(complaint()) }
}
