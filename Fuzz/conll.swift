/// Any bytes as CoNLL columns: no crash; what was read and can be written comes back the same; tags
/// that follow a scheme say the same in every other.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzConll(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let input = Array(UnsafeBufferPointer(start: data, count: count))
  guard let options = input.first else { return 0 }
  let file = MappedFile(bytes: Array(input.dropFirst()), name: "input")
  let format = ConllFormat(
    separator: options & 1 != 0 ? .tab : .whiteSpace, tokenColumn: options & 2 != 0 ? 2 : 1,
    tagColumn: options & 4 != 0 ? nil : .last, commentPrefix: options & 8 != 0 ? "#" : nil)
  let reader = ConllReader(
    file, format: format, invalidBytes: options & 16 != 0 ? .replaced : .refused)
  guard let sentences = try? reader.records() else { return 0 }
  var detector = TagSchemeDetector()
  for sentence in sentences {
    detector.add(sentence)
    checkSpans(sentence.tags)
  }
  let possible = detector.possible
  precondition(
    (try? detector.scheme(of: file)) == possible.first, "possible: \(possible)")
  writeAndRead(sentences, format.separator)
  return 0
}

private func checkSpans(_ tags: [String]) {
  let scored = TagScheme.scoredSpans(of: tags)
  for scheme in TagScheme.allCases {
    guard let spans = try? scheme.spans(of: tags) else { continue }
    precondition(spans == scored, "\(scheme): \(tags) scored \(scored)")
    for other in TagScheme.allCases {
      let converted = try? scheme.convert(tags, to: other)
      let back = converted.flatMap { try? other.convert($0, to: scheme) }
      precondition(
        back.map(bytes) == bytes(tags), "\(scheme) to \(other): \(tags), \(converted ?? [])")
    }
  }
}

private func bytes(_ texts: [String]) -> [[UInt8]] { texts.map { Array($0.utf8) } }

private func writeAndRead(_ sentences: [TaggedSentence], _ separator: ConllFormat.Separator) {
  var writer = ConllWriter(separator: separator)
  do {
    for sentence in sentences { try writer.append(sentence) }
  } catch {
    return
  }
  let hasTags = !(sentences.first?.tags.isEmpty ?? true)
  let format = ConllFormat(separator: separator, tagColumn: hasTags ? 2 : nil)
  let file = MappedFile(bytes: writer.bytes, name: "written")
  let again = try? ConllReader(file, format: format).records()
  precondition(
    again.map { $0.map { bytes($0.tokens) + bytes($0.tags) } }
      == sentences.map { bytes($0.tokens) + bytes($0.tags) }
      && again.map { $0.map(\.document) } == sentences.map(\.document),
    "sentences differ after writing: \(sentences)")
}
