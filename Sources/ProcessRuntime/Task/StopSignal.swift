// SPDX-License-Identifier: Apache-2.0

package import SwarmAgent

/// Names of signals, as Docker takes them: `SIGTERM`, `TERM`, `15`, `SIGRTMIN+3`; in any case.
package enum StopSignal {
  /// The numbers on Linux (x86, ARM, RISC-V, s390x, POWER).
  private static let numbers: [String: Int32] = [
    "HUP": 1, "INT": 2, "QUIT": 3, "ILL": 4, "TRAP": 5, "ABRT": 6, "IOT": 6, "BUS": 7, "FPE": 8, "KILL": 9, "USR1": 10,
    "SEGV": 11, "USR2": 12, "PIPE": 13, "ALRM": 14, "TERM": 15, "STKFLT": 16, "CHLD": 17, "CONT": 18, "STOP": 19, "TSTP": 20,
    "TTIN": 21, "TTOU": 22, "URG": 23, "XCPU": 24, "XFSZ": 25, "VTALRM": 26, "PROF": 27, "WINCH": 28, "IO": 29, "POLL": 29,
    "PWR": 30, "SYS": 31, "RTMIN": 34, "RTMAX": 64,
  ]

  /// The number of a signal; `SIGTERM` when the text is empty.
  package static func number(of text: String) throws(RuntimeError) -> Int32 {
    if text.isEmpty { return 15 }
    var name = text.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if let number = Int32(name) ?? self.numbers[name] ?? self.realTime(name), (1...64).contains(number) { return number }
    throw RuntimeError(code: .invalidArgument, message: "invalid signal: \(text)")
  }

  private static func realTime(_ name: String) -> Int32? {
    if name.hasPrefix("RTMIN+") { return Int32(name.dropFirst(6)).flatMap { (0...30).contains($0) ? 34 + $0 : nil } }
    if name.hasPrefix("RTMAX-") { return Int32(name.dropFirst(6)).flatMap { (0...30).contains($0) ? 64 - $0 : nil } }
    return nil
  }
}
