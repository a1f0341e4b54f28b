// SPDX-License-Identifier: Apache-2.0

package import SwarmKitProtobuf
package import SwarmModel
internal import SwiftProtobuf

/// A noun of `SwarmModel`.
///
/// Its log encoding is SwarmKit's message, so the bytes themselves go across: nothing is lost in either
/// direction, neither fields that the model has no name for nor those that SwarmKit's definition doesn't
/// know.
package protocol NounMapped: ProtoMapped, WireMessage {}

extension NounMapped {
  package init(_ proto: Proto) throws(SwarmError) {
    let bytes: [UInt8]
    do {
      bytes = try proto.serializedBytes(partial: true)
    } catch {
      throw SwarmError(code: .dataLoss, message: "\(Proto.protoMessageName) can't be encoded", cause: error)
    }
    try self.init(encoded: bytes)
  }

  package var proto: Proto {
    get throws(SwarmError) {
      do {
        return try Proto(serializedBytes: self.encoded(), partial: true)
      } catch {
        throw SwarmError(code: .dataLoss, message: "\(Self.self) isn't \(Proto.protoMessageName)", cause: error)
      }
    }
  }
}

extension Node: NounMapped { package typealias Proto = ProtoNode }
extension NodeSpec: NounMapped { package typealias Proto = ProtoNodeSpec }
extension NodeCertificate: NounMapped { package typealias Proto = ProtoCertificate }
extension NodeDescription: NounMapped { package typealias Proto = ProtoNodeDescription }
extension Service: NounMapped { package typealias Proto = ProtoService }
extension ServiceSpec: NounMapped { package typealias Proto = ProtoServiceSpec }
extension SwarmTask: NounMapped { package typealias Proto = ProtoTask }
extension TaskSpec: NounMapped { package typealias Proto = ProtoTaskSpec }
extension TaskStatus: NounMapped { package typealias Proto = ProtoTaskStatus }
extension Cluster: NounMapped { package typealias Proto = ProtoCluster }
extension ClusterSpec: NounMapped { package typealias Proto = ProtoClusterSpec }
extension Secret: NounMapped { package typealias Proto = ProtoSecret }
extension Config: NounMapped { package typealias Proto = ProtoConfig }
extension Network: NounMapped { package typealias Proto = ProtoNetwork }
extension Volume: NounMapped { package typealias Proto = ProtoVolume }
