import Foundation
import ReelText
import Testing

/// What `corpora/get` has fetched here is read whole; sets that were not fetched are skipped.
@Suite struct FetchedCorporaTests {
  static let cache = CorporaTests.folder.appendingPathComponent(".cache")

  static func has(_ names: String...) -> Bool {
    names.allSatisfy {
      FileManager.default.fileExists(atPath: cache.appendingPathComponent($0).path)
    }
  }

  private func file(_ name: String) throws -> MappedFile {
    try MappedFile(Self.cache.appendingPathComponent(name).path)
  }

  private func labels(_ name: String) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    try LabelledTextReader(tsv: file(name)).forEach {
      counts[$0.label, default: 0] += 1
    }
    return counts
  }

  @Test(.enabled(if: has("movie-snippets/movie-snippets.tsv"), "corpora/get movie-snippets"))
  func movieSnippets() throws {
    let counts = try labels("movie-snippets/movie-snippets.tsv")
    #expect(counts == ["positive": 5_242, "negative": 5_326])
  }

  @Test(.enabled(if: has("imdb.tsv"), "corpora/get imdb"))
  func imdb() throws {
    #expect(try labels("imdb.tsv") == ["positive": 12_500, "negative": 12_500])
  }

  @Test(.enabled(if: has("conll2003/test.txt"), "corpora/get conll2003"))
  func conll2003() throws {
    for (part, sentences, names) in [
      ("train", 14_041, 23_499), ("valid", 3_250, 5_942), ("test", 3_453, 5_648),
    ] {
      let file = try file("conll2003/\(part).txt")
      var spans = 0
      var count = 0
      var detector = TagSchemeDetector()
      try ConllReader(file).forEach { sentence in
        spans += try sentence.spans(.iob2, of: file).count
        count += 1
        detector.add(sentence)
      }
      #expect(count == sentences && spans == names)
      #expect(try detector.scheme(of: file) == .iob2)
    }
  }

  @Test(.enabled(if: has("us-addresses/labeled.txt"), "corpora/get us-addresses"))
  func addresses() throws {
    for (part, addresses, tokens) in [
      ("labeled", 1_513, 10_722), ("us50", 50, 331), ("us50-messiest", 63, 404),
    ] {
      let file = try file("us-addresses/\(part).txt")
      let found = try ConllReader(file).records()
      #expect(found.count == addresses)
      #expect(found.map(\.tokens.count).reduce(0, +) == tokens)
      #expect(found.allSatisfy { TagScheme.iob2.isValid($0.tags) })
    }
  }

  @Test(.enabled(if: has("cmudict.tsv"), "corpora/get cmudict"))
  func pronunciations() throws {
    var count = 0
    var phones: Set<Substring> = []
    try TextPairReader(tsv: file("cmudict.tsv")).forEach {
      count += 1
      phones.formUnion($0.target.split(separator: " "))
    }
    #expect(count == 135_166 && phones.count == 69)
  }

  @Test(.enabled(if: has("japanese-vowels/train.tsv"), "corpora/get japanese-vowels"))
  func vowels() throws {
    let format = TSVFormat(hasHeader: true, columnCount: 15)
    for (part, utterances, frames) in [("train", 270, 4_274), ("test", 370, 5_687)] {
      let reader = try TSVReader(file("japanese-vowels/\(part).tsv"), format: format)
      let utterance = try reader.index(of: "utterance")
      let rows = try reader.records()
      #expect(rows.count == frames)
      #expect(Set(rows.map { $0.fields[utterance] }).count == utterances)
    }
  }
}
