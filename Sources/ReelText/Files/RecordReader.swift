/// Reads a file record by record and throws where one is wrong: an iterator that may throw. Nothing
/// but the current record is held in memory.
public protocol RecordReader: Sendable {
  associatedtype Record

  /// The next record, or nil at the end of the file. After an error the reader is at its end.
  mutating func next() throws(TextError) -> Record?
}

extension RecordReader {
  /// Calls `body` with each record that is left.
  public func forEach(_ body: (Record) throws -> Void) throws {
    var reader = self
    while let record = try reader.next() { try body(record) }
  }

  /// All records that are left.
  public func records() throws(TextError) -> [Record] {
    var reader = self
    var records: [Record] = []
    while let record = try reader.next() { records.append(record) }
    return records
  }
}
