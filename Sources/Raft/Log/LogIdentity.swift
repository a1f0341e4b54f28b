// SPDX-License-Identifier: Apache-2.0

/// Whose log it is: written into every file, so that a directory can't be used by the wrong member.
package struct LogIdentity: Sendable, Hashable, CustomStringConvertible {
  /// The cluster that the member belongs to; at most 128 bytes of UTF-8.
  package var clusterID: String
  /// The member that writes the log.
  package var member: RaftID

  package init(clusterID: String, member: RaftID) {
    self.clusterID = clusterID
    self.member = member
  }

  package var description: String { "member \(self.member.rawValue) of cluster \"\(self.clusterID)\"" }
}
