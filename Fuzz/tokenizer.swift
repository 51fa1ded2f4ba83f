/// Any bytes as a `tokenizer.json`: no crash. What is read encodes with offsets inside of the text,
/// decodes, keeps a text where it says so, and gives the same ids after it was written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokenizer(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: count))
  guard let pipeline = try? TokenizerFile.parsePipeline(input),
    let tokenizer = try? TokenizerFile.parse(input)
  else { return 0 }
  let texts = [
    "", "The cats' 1,000 CAFÉS\r\n were\tfull.", "e\u{301}ß İ 日本語 \u{1F469}\u{200D}\u{1F680} x-y",
    String(decoding: input.prefix(300), as: UTF8.self),
  ]
  for text in texts {
    let ids = tokenizer.encode(text)
    check(ids, tokenizer)
    let decoded = tokenizer.decodeBytes(ids)
    if tokenizer.isLossless {
      precondition(decoded == Array(text.utf8), "\(text) came back as \(decoded)")
    }
    check(pipeline.encoding(of: text), texts: [text], pipeline)
    check(pipeline.encoding(of: text, pair: "the cat"), texts: [text, "the cat"], pipeline)
    _ = tokenizer.encodePrompt(text)
  }
  // Random models leave a piece out at random, and then a second encoding may differ.
  guard let content = try? pipeline.fileContent,
    let again = try? TokenizerFile.parsePipeline(content)
  else { return 0 }
  precondition(
    (try? again.fileContent) == content, "a file differs after reading and writing")
  return 0
}

private func check(_ ids: [Int32], _ tokenizer: any Tokenizer) {
  precondition(
    ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize },
    "ids \(ids) of \(tokenizer.vocabularySize)")
}

private func check(_ encoding: Encoding, texts: [String], _ tokenizer: any Tokenizer) {
  precondition(
    encoding.ids.count == encoding.offsets.count
      && encoding.ids.count == encoding.sequenceIndices.count
      && encoding.ids.count == encoding.attentionMask.count, "lists of different lengths")
  for (range, sequence) in zip(encoding.offsets, encoding.sequenceIndices) {
    let length = sequence.map { texts[$0].utf8.count } ?? 0
    precondition(
      range.lowerBound >= 0 && range.upperBound <= length,
      "offsets \(range) in a text of \(length) bytes")
  }
}
