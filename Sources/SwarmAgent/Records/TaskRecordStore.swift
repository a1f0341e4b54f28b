// SPDX-License-Identifier: Apache-2.0

internal import SwarmControl
internal import SwarmModel

/// The records of an agent's tasks: one private file (0600) per task, named by its id, to which each new
/// record is appended.
///
/// A task has a handful of records in its life, so files stay small. Records have to survive the agent, not
/// the machine (when that goes down, so do the tasks), so nothing waits for the disk; half a record at the
/// end of a file is told from a whole one.
struct TaskRecordStore: Sendable {
  /// A file without a usable record, and why.
  ///
  /// It was put aside under a name that begins with a dot.
  struct Damage: Hashable, Sendable {
    var file: String
    var error: SwarmError
  }

  private let directory: String

  /// Opens the store, and makes its directory (0700) if need be.
  init(directory: String) throws(SwarmError) {
    self.directory = directory
    try StateFiles.makeDirectory(directory)
  }

  /// Reads the last record of every task, sorted by task, and puts files aside that have none.
  ///
  /// - Throws: `unsupportedFormat` when a newer version wrote a record: this version can't know what runs.
  func load() throws(SwarmError) -> (records: [TaskRecord], damages: [Damage]) {
    var records: [TaskRecord] = []
    var damages: [Damage] = []
    for name in try StateFiles.names(in: self.directory).sorted() {
      guard let id = TaskID(name) else { continue }
      do throws(SwarmError) {
        records.append(try self.load(id))
      } catch  where error.code == .dataLoss {
        try StateFiles.rename(self.path(id), to: "\(self.directory)/.damaged-\(id)")
        damages.append(Damage(file: self.path(id), error: error))
      } catch {
        throw SwarmError(code: error.code, message: "\(self.path(id)): \(error.message)", cause: error)
      }
    }
    return (records, damages)
  }

  /// Adds a record behind those that the task has.
  func write(_ record: TaskRecord) throws(SwarmError) {
    try StateFiles.append(record.encode(), to: self.path(record.task.id))
  }

  /// Deletes a task's records, if there are any.
  func delete(_ id: TaskID) throws(SwarmError) {
    try StateFiles.delete(self.path(id))
  }

  private func load(_ id: TaskID) throws(SwarmError) -> TaskRecord {
    let bytes = try StateFiles.read(self.path(id))
    let (record, wholeBytes) = try TaskRecord.last(in: bytes)
    guard record.task.id == id else { throw SwarmError(code: .dataLoss, message: "the record is another task's") }
    if wholeBytes < bytes.count { try StateFiles.cut(self.path(id), to: wholeBytes) }
    return record
  }

  private func path(_ id: TaskID) -> String { "\(self.directory)/\(id)" }
}
