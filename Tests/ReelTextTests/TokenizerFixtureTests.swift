import Foundation
import ReelText
import Testing

/// The tokenizers package is the judge: ids, offsets, tokens and text, line by line.
@Suite struct TokenizerFixtureTests {
  /// Reports the first few differences only.
  private func report(_ differences: [String], of count: Int, _ name: String) {
    #expect(
      differences.isEmpty,
      "\(name): \(differences.count) of \(count) differ\n\(differences.prefix(5).joined(separator: "\n"))"
    )
  }

  private func quoted(_ text: String) -> String {
    text.unicodeScalars.map { $0.escaped(asASCII: true) }.joined()
  }

  @Test(arguments: TokenizerFixtures.trained)
  func trainedTokenizersAgree(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.pipeline(name)
    let lines = try TokenizerFixtures.decoded("lines", as: [String].self)
    let expected = try TokenizerFixtures.decoded(
      name + ".expected", as: [TokenizerFixtures.Expected].self)
    #expect(lines.count >= 2000 && lines.count == expected.count)
    report(
      differences(tokenizer, lines, expected), of: lines.count, name)
  }

  @Test(arguments: TokenizerFixtures.trained + TokenizerFixtures.shapes)
  func writtenFilesAreReadAlike(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.pipeline(name)
    let content = try tokenizer.fileContent
    let read = try TokenizerFile.parsePipeline(content)
    #expect(try read.fileContent == content)
    for part in [\TokenizerPipeline.vocabularySize, \.addedTokenIDs.count] {
      #expect(read[keyPath: part] == tokenizer[keyPath: part])
    }
    #expect(read.normalizer == tokenizer.normalizer)
    #expect(read.preTokenizer == tokenizer.preTokenizer)
    #expect(read.postProcessor == tokenizer.postProcessor)
    #expect(read.decoder == tokenizer.decoder)
    #expect(read.addedTokens == tokenizer.addedTokens)
    #expect(read.addedTokenIDs == tokenizer.addedTokenIDs)
    #expect(read.truncation == tokenizer.truncation)
    #expect(read.padding == tokenizer.padding)
    for id in 0..<Int32(tokenizer.vocabularySize) {
      #expect(read.token(at: id).utf8.elementsEqual(tokenizer.token(at: id).utf8))
    }
    for line in try TokenizerFixtures.decoded("shape-lines", as: [String].self) {
      #expect(read.encoding(of: line) == tokenizer.encoding(of: line))
    }
    // Where the package reads it: make_tokenizer_fixtures.py --check FOLDER.
    if let folder = ProcessInfo.processInfo.environment["REEL_WRITE_TOKENIZERS"] {
      try Data(content).write(to: URL(fileURLWithPath: "\(folder)/\(name).json"))
    }
  }

  @Test(arguments: TokenizerFixtures.shapes)
  func shapesAgree(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.pipeline(name)
    let lines = try TokenizerFixtures.decoded("shape-lines", as: [String].self)
    let shape = try TokenizerFixtures.decoded(
      name + ".expected", as: TokenizerFixtures.Shape.self)
    report(differences(tokenizer, lines, shape.lines), of: lines.count, name)
    let pairs = zip(lines, lines.dropFirst(24))
    var differences: [String] = []
    for ((first, second), expected) in zip(pairs, shape.pairs) {
      let encoding = tokenizer.encoding(of: first, pair: second)
      let place = "'\(quoted(first))' and '\(quoted(second))'"
      differences += self.differences(
        encoding, expected, expected.offsetsOfPairs, tokenizer.normalizer != nil, place)
    }
    report(differences, of: shape.pairs.count, "\(name), pairs")
  }

  private func differences(
    _ tokenizer: TokenizerPipeline, _ lines: [String], _ expected: [TokenizerFixtures.Expected]
  ) -> [String] {
    #expect(lines.count == expected.count)
    var differences: [String] = []
    for (line, expected) in zip(lines, expected) {
      let encoding = tokenizer.encoding(of: line)
      let place = "'\(quoted(line))'"
      differences += self.differences(
        encoding, expected, expected.offsets, tokenizer.normalizer != nil, place)
      let ids = tokenizer.encode(line)
      var bare = tokenizer
      bare.truncation = nil
      bare.padding = nil
      let plain = bare.encoding(of: line, pair: nil, addsSpecialTokens: false).ids
      if ids != plain { differences.append("\(place): \(ids) without offsets, with them \(plain)") }
      let text = tokenizer.decode(ids)
      if !text.utf8.elementsEqual((expected.d ?? line).utf8) {
        differences.append(
          "\(place): decoded '\(quoted(text))', expected '\(quoted(expected.d ?? line))'")
      }
    }
    return differences
  }

  /// Where a normalizer makes one character of several, Reel's offsets are of all of them, those of
  /// the package of the first one or the last: they must then lie within Reel's.
  private func agree(_ came: [Range<Int>], _ expected: [Range<Int>], _ isNormalized: Bool) -> Bool {
    if came == expected { return true }
    guard isNormalized, came.count == expected.count else { return false }
    return zip(came, expected).allSatisfy { came, expected in
      came == expected
        || came.lowerBound <= expected.lowerBound && expected.upperBound <= came.upperBound
          && !expected.isEmpty
    }
  }

  private func differences(
    _ encoding: Encoding, _ expected: TokenizerFixtures.Expected, _ offsets: [Range<Int>],
    _ isNormalized: Bool, _ place: String
  ) -> [String] {
    var differences: [String] = []
    func compare<Value: Equatable>(_ what: String, _ came: Value, _ expected: Value) {
      if came != expected { differences.append("\(place): \(what) \(came), expected \(expected)") }
    }
    let count = expected.i.count
    compare("ids", encoding.ids, expected.i)
    if !agree(encoding.offsets, offsets, isNormalized) {
      compare("offsets", encoding.offsets, offsets)
    }
    guard let tokens = expected.t else { return differences }
    compare("tokens", encoding.tokens.map { Array($0.utf8) }, tokens.map { Array($0.utf8) })
    compare("types", encoding.typeIDs, expected.y ?? [Int32](repeating: 0, count: count))
    let special = expected.s ?? [Int](repeating: 0, count: count)
    compare("special", encoding.specialTokensMask.map { $0 ? 1 : 0 }, special)
    let attention = expected.a ?? [Int](repeating: 1, count: count)
    compare("attention", encoding.attentionMask.map { $0 ? 1 : 0 }, attention)
    compare("pieces", encoding.wordIndices.map { $0 ?? -1 }, expected.w ?? [])
    if let overflowing = expected.f {
      compare("overflowing", encoding.overflowing.map(\.ids), overflowing)
    }
    return differences
  }
}
