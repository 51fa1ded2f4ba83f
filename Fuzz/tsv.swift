/// Any bytes as tab-separated values and as JSON Lines: no crash, and what was read and can be
/// written comes back the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTSV(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: count))
  guard let options = input.first else { return 0 }
  let file = MappedFile(bytes: Array(input.dropFirst()), name: "input")
  let quoting = TSVFormat.Quoting.allCases[Int(options & 3) % 3]
  let format = TSVFormat(quoting: quoting, hasHeader: options & 4 != 0)
  let invalidBytes: InvalidBytes = options & 8 != 0 ? .replaced : .refused
  if let rows = try? TSVReader(file, format: format, invalidBytes: invalidBytes).records() {
    writeAndRead(rows, quoting)
  }
  _ = try? LabelledTextReader(
    tsv: file, text: options & 16 != 0 ? "text" : 2, label: 1, format: format,
    invalidBytes: invalidBytes
  ).records()
  _ = try? LabelledTextReader(jsonLines: file, invalidBytes: invalidBytes).records()
  _ = try? PlainTextReader(file, by: .paragraph, invalidBytes: invalidBytes).records()
  return 0
}

private func writeAndRead(_ rows: [TSVRow], _ quoting: TSVFormat.Quoting) {
  var writer = TSVWriter(quoting: quoting)
  do {
    for row in rows { try writer.append(row.fields) }
  } catch {
    return
  }
  let file = MappedFile(bytes: writer.bytes, name: "written")
  let again = try? TSVReader(file, format: TSVFormat(quoting: quoting)).records()
  // Byte for byte: Swift's equality of strings is by canonical equivalence.
  func bytes(_ rows: [TSVRow]) -> [[[UInt8]]] { rows.map { $0.fields.map { Array($0.utf8) } } }
  precondition(again.map(bytes) == bytes(rows), "rows differ after writing: \(rows)")
}
