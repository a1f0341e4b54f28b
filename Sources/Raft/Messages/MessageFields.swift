// SPDX-License-Identifier: Apache-2.0

extension MessageCodec {
  /// The kind byte of a frame.
  enum Kind: UInt8, CaseIterable {
    case preVoteRequest = 1
    case preVoteResponse = 2
    case voteRequest = 3
    case voteResponse = 4
    case append = 5
    case appendAccepted = 6
    case appendRejected = 7
    case heartbeat = 8
    case heartbeatResponse = 9
    case installSnapshot = 10
    case timeoutNow = 11
    case readIndexRequest = 12
    case readIndexResponse = 13

    init(_ body: Message.Body) {
      self =
        switch body {
        case .preVoteRequest: .preVoteRequest
        case .preVoteResponse: .preVoteResponse
        case .voteRequest: .voteRequest
        case .voteResponse: .voteResponse
        case .append: .append
        case .appendAccepted: .appendAccepted
        case .appendRejected: .appendRejected
        case .heartbeat: .heartbeat
        case .heartbeatResponse: .heartbeatResponse
        case .installSnapshot: .installSnapshot
        case .timeoutNow: .timeoutNow
        case .readIndexRequest: .readIndexRequest
        case .readIndexResponse: .readIndexResponse
        }
    }
  }

  enum Tag {
    static let from: UInt8 = 1
    static let to: UInt8 = 2
    static let term: UInt8 = 3
    static let candidateTerm: UInt8 = 4
    static let index: UInt8 = 5
    static let indexTerm: UInt8 = 6
    static let flag: UInt8 = 7
    static let commit: UInt8 = 8
    static let context: UInt8 = 9
    static let rejected: UInt8 = 10
    static let snapshot: UInt8 = 11
    static let entries: UInt8 = 12
  }
}

/// The fields of a frame, before it is known what they mean together.
///
/// Unknown fields are passed over.
struct MessageFields {
  private typealias Tag = MessageCodec.Tag

  private(set) var from: UInt64 = 0
  private(set) var to: UInt64 = 0
  private(set) var term: UInt64 = 0
  private var candidateTerm: UInt64 = 0
  private var index: UInt64 = 0
  private var indexTerm: UInt64 = 0
  private var flag = false
  private var commit: UInt64 = 0
  private var context: UInt64 = 0
  private var rejected: UInt64 = 0
  private var snapshot: ArraySlice<UInt8> = []
  private var entries: ArraySlice<UInt8> = []

  init(_ bytes: ArraySlice<UInt8>) throws(RaftError) {
    var reader = FieldReader(bytes)
    while let field = try reader.next() {
      switch field.tag {
      case Tag.from: self.from = try field.bounded()
      case Tag.to: self.to = try field.bounded()
      case Tag.term: self.term = try field.bounded()
      case Tag.candidateTerm: self.candidateTerm = try field.bounded()
      case Tag.index: self.index = try field.bounded()
      case Tag.indexTerm: self.indexTerm = try field.bounded()
      case Tag.flag: self.flag = field.number != 0
      case Tag.commit: self.commit = try field.bounded()
      case Tag.context: self.context = field.number
      case Tag.rejected: self.rejected = try field.bounded()
      case Tag.snapshot: self.snapshot = field.data
      case Tag.entries: self.entries = field.data
      default: break
      }
    }
  }

  private var position: LogPosition { LogPosition(index: LogIndex(self.index), term: Term(self.indexTerm)) }

  func body(_ kind: MessageCodec.Kind) throws(RaftError) -> Message.Body {
    switch kind {
    case .preVoteRequest: return .preVoteRequest(self.candidacy)
    case .preVoteResponse: return .preVoteResponse(term: Term(self.candidateTerm), granted: self.flag)
    case .voteRequest: return .voteRequest(self.candidacy)
    case .voteResponse: return .voteResponse(granted: self.flag)
    case .append: return .append(try self.append())
    case .appendAccepted: return .appendAccepted(match: LogIndex(self.index))
    case .appendRejected:
      return .appendRejected(Message.AppendRejection(previous: LogIndex(self.rejected), hint: self.position))
    case .heartbeat: return .heartbeat(commit: LogIndex(self.commit), round: self.context)
    case .heartbeatResponse: return .heartbeatResponse(round: self.context)
    case .installSnapshot: return .installSnapshot(try SnapshotMetadata(decoding: self.snapshot))
    case .timeoutNow: return .timeoutNow
    case .readIndexRequest: return .readIndexRequest(context: self.context)
    case .readIndexResponse: return .readIndexResponse(context: self.context, index: LogIndex(self.index))
    }
  }

  private var candidacy: Message.Candidacy {
    Message.Candidacy(term: Term(self.candidateTerm), last: self.position, isTransfer: self.flag)
  }

  private func append() throws(RaftError) -> Message.Append {
    Message.Append(
      previous: self.position,
      commit: LogIndex(self.commit),
      entries: try EntryCodec.decodeAll(self.entries)
    )
  }
}

extension FieldWriter {
  /// Writes a message's own fields; of entries only the key and length, since their bytes come last.
  mutating func write(_ body: Message.Body, entryBytes: Int) {
    typealias Tag = MessageCodec.Tag
    switch body {
    case .preVoteRequest(let candidacy), .voteRequest(let candidacy):
      self.number(Tag.candidateTerm, candidacy.term.rawValue)
      self.write(candidacy.last)
      self.nonzero(Tag.flag, candidacy.isTransfer ? 1 : 0)
    case .preVoteResponse(let term, let granted):
      self.number(Tag.candidateTerm, term.rawValue)
      self.nonzero(Tag.flag, granted ? 1 : 0)
    case .voteResponse(let granted):
      self.nonzero(Tag.flag, granted ? 1 : 0)
    case .append(let append):
      self.write(append.previous)
      self.nonzero(Tag.commit, append.commit.rawValue)
      if entryBytes > 0 { self.key(Tag.entries, length: entryBytes) }
    case .appendAccepted(let match):
      self.number(Tag.index, match.rawValue)
    case .appendRejected(let rejection):
      self.number(Tag.rejected, rejection.previous.rawValue)
      self.write(rejection.hint)
    case .heartbeat(let commit, let round):
      self.nonzero(Tag.commit, commit.rawValue)
      self.nonzero(Tag.context, round)
    case .heartbeatResponse(let round):
      self.nonzero(Tag.context, round)
    case .installSnapshot(let metadata):
      self.data(Tag.snapshot, metadata.encoded)
    case .timeoutNow:
      break
    case .readIndexRequest(let context):
      self.nonzero(Tag.context, context)
    case .readIndexResponse(let context, let index):
      self.nonzero(Tag.context, context)
      self.number(Tag.index, index.rawValue)
    }
  }

  private mutating func write(_ position: LogPosition) {
    self.number(MessageCodec.Tag.index, position.index.rawValue)
    self.number(MessageCodec.Tag.indexTerm, position.term.rawValue)
  }
}
