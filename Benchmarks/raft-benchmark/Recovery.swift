// SPDX-License-Identifier: Apache-2.0

internal import ArgumentParser
internal import BenchmarkKit
internal import Foundation
internal import Logging
internal import NIOCore
internal import NIOPosix
internal import Raft
internal import RaftNIO

/// What it costs to open a long log.
enum Recovery {
  /// Writes a log of so many bytes without a snapshot, and opens it in a process of its own, that holds nothing else.
  static func measure(bytes: Int, payload: Int, directory: String) async throws {
    let directory = "\(directory)/raft-benchmark-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: directory) }
    try await Self.write(bytes, payload, directory)
    let process = Process()
    process.executableURL = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    process.arguments = ["recover", "--directory", directory]
    try process.run()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw BenchmarkError("the log can't be opened") }
  }

  /// A node that never takes a snapshot.
  static func node(_ directory: String, _ start: RaftNodeConfiguration.Start) -> LocalGroup.Node {
    var configuration = RaftNodeConfiguration(
      directory: "\(directory)/1",
      clusterID: "benchmark",
      member: RaftID(1),
      start: start,
      listen: nil
    )
    configuration.snapshots = .init(entries: .max, bytes: .max)
    configuration.durability = .written
    return RaftNode(
      configuration: configuration,
      machine: CountingMachine(),
      eventLoop: MultiThreadedEventLoopGroup(numberOfThreads: 1).next(),
      logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() }
    )
  }

  private static func write(_ bytes: Int, _ payload: Int, _ directory: String) async throws {
    let node = Self.node(directory, .bootstrap())
    let running = Task { try await node.run() }
    let clients = try await ClosedLoop.start(node, .propose, clients: 1000, payload: payload)
    while try await node.status().log.bytes < bytes { try await Task.sleep(for: .milliseconds(10)) }
    try await clients.stop(on: node.eventLoop)
    await node.shutdown()
    try await running.value
  }
}

/// Opens a log and tells what that took; `--recovery` starts it.
struct RecoverCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(commandName: "recover", shouldDisplay: false)

  @Option var directory: String

  func run() async throws {
    let before = try Self.memory("VmRSS")
    let node = Recovery.node(self.directory, .resume)
    let began = ContinuousClock.now
    let running = Task { try await node.run() }
    let opened = try await node.status()
    let (opening, processor) = (ContinuousClock.now - began, CPUTime.now)
    let resident = try Self.memory("VmRSS")
    let peak = try Self.memory("VmHWM")
    // It leads by itself, and applies everything before it answers.
    while (try? await node.propose([0])) == nil {}
    let (applying, most) = (ContinuousClock.now - began, try Self.memory("VmHWM"))
    print(
      """
      \(opened.lastIndex) entries: opened in \(Self.seconds(opening)) s (CPU \(Self.seconds(processor)) s), applied after \(Self.seconds(applying)) s; \
      resident \(before) MB before, \(resident) MB when it is open, \(peak) MB at most until then, \(most) MB at most in all
      """
    )
    await node.shutdown()
    try await running.value
  }

  private static func seconds(_ duration: Duration) -> Double { (duration / .milliseconds(10)).rounded() / 100 }

  /// A line of `/proc/self/status`, in megabytes.
  private static func memory(_ name: String) throws -> Int {
    let lines = try String(contentsOfFile: "/proc/self/status", encoding: .utf8).split(separator: "\n")
    let fields = lines.first { $0.hasPrefix("\(name):") }?.split(whereSeparator: \.isWhitespace) ?? []
    guard fields.count > 1, let kilobytes = Int(fields[1]) else { throw BenchmarkError("memory can't be read") }
    return kilobytes * 1024 / 1_000_000
  }
}
