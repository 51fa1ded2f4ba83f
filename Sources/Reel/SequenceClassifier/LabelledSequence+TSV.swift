import ReelText

extension LabelledSequence {
  /// Reads sequences from tab-separated values with a frame in each row. Rows that follow one
  /// another with the same name belong to one sequence.
  ///
  /// - Parameters:
  ///   - sequence: the column with the sequence's name or number.
  ///   - label: the column with its label, the same in all its rows.
  ///   - values: the columns with the numbers of a frame.
  /// - Throws: `TextError` with the line, where a row has another number of columns, a label changes
  ///   within a sequence, or a value is no finite number.
  public static func read(
    tsv file: MappedFile, sequence: Field, label: Field, values: [Field],
    format: TSVFormat = TSVFormat()
  ) throws -> [LabelledSequence] {
    var reader = try TSVReader(file, format: format)
    let (name, labelColumn) = (try reader.index(of: sequence), try reader.index(of: label))
    let columns = try values.map { try reader.index(of: $0) }
    var sequences: [LabelledSequence] = []
    var current: String?
    func error(_ row: TSVRow, _ text: String) -> TextError {
      TextError("\(file.name), line \(row.line): \(text)")
    }
    while let row = try reader.next() {
      let frame = try columns.map { column -> Float in
        guard let value = Float(row.fields[column]), value.isFinite else {
          throw error(
            row, "column \(column + 1) is \"\(row.fields[column])\", expected a finite number")
        }
        return value
      }
      if current != row.fields[name] {
        current = row.fields[name]
        sequences.append(
          LabelledSequence(frames: [], label: row.fields[labelColumn], line: row.line))
      }
      guard row.fields[labelColumn] == sequences[sequences.count - 1].label else {
        throw error(
          row,
          "the label \"\(row.fields[labelColumn])\", expected "
            + "\"\(sequences[sequences.count - 1].label)\" as on line "
            + "\(sequences[sequences.count - 1].line) of the same sequence")
      }
      sequences[sequences.count - 1].frames.append(frame)
    }
    return sequences
  }
}
