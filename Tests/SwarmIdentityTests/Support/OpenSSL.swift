// SPDX-License-Identifier: Apache-2.0

import Foundation

/// The `openssl` program: another implementation that our certificates must convince.
enum OpenSSL {
  /// Runs it; returns what it printed, and whether it succeeded.
  static func run(_ arguments: [String], input: [UInt8] = []) throws -> (output: String, succeeded: Bool) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    let stdin = Pipe()
    let stdout = Pipe()
    process.standardInput = stdin
    process.standardOutput = stdout
    process.standardError = stdout
    try process.run()
    try stdin.fileHandleForWriting.write(contentsOf: Data(input))
    try stdin.fileHandleForWriting.close()
    let output = stdout.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (String(decoding: output, as: UTF8.self), process.terminationStatus == 0)
  }
}
