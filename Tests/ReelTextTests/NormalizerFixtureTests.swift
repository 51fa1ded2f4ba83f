import Foundation
import ReelText
import Testing

/// Normalizers beside those of the tokenizers package: what comes out must be the same, and so must
/// the offsets, apart from the documented differences. `make_normalizer_fixtures.py` makes the file.
@Suite struct NormalizerFixtureTests {
  private struct Fixture: Decodable {
    struct Case: Decodable {
      let text: Int
      let output: String
      let offsets: [Int]
    }
    let source: String
    let map: String
    let texts: [String]
    let cases: [String: [Case]]
  }

  /// How the offsets of a kind relate to the package's.
  private enum Offsets {
    /// The same.
    case equal
    /// All that a scalar was made of, where the package names the first or the last scalar of it.
    case wider
  }

  private func kinds(_ fixture: Fixture) throws -> [(String, Normalizer, Offsets)] {
    let map = try #require(Data(base64Encoded: fixture.map))
    return [
      ("nfc", .form(.nfc), .wider), ("nfd", .form(.nfd), .wider),
      ("nfkc", .form(.nfkc), .wider), ("nfkd", .form(.nfkd), .wider),
      ("lowercase", .lowercase, .equal), ("stripAccents", .stripAccents, .equal),
      ("stripBoth", .strip(left: true, right: true), .equal),
      ("stripLeft", .strip(left: true, right: false), .equal),
      ("stripRight", .strip(left: false, right: true), .equal),
      ("replaceLiteral", .replace(Pattern(literal: "ab"), with: "<é>"), .wider),
      ("replaceNothing", .replace(Pattern(literal: " "), with: ""), .equal),
      ("replaceExpression", .replace(try Pattern(expression: "\\s+"), with: "\u{2581}"), .wider),
      ("prepend", .prepend("\u{2581}"), .equal), ("bert", .bert(BertNormalization()), .wider),
      ("bertCased", .bert(BertNormalization(lowercases: false)), .equal),
      (
        "bertAccents",
        .bert(
          BertNormalization(
            cleansText: false, handlesChineseCharacters: false, stripsAccents: false)), .equal
      ),
      ("nmt", .nmt, .equal), ("precompiled", .precompiled(try PrecompiledMap(Array(map))), .wider),
      ("byteLevel", .byteLevel, .equal),
      ("sequence", .sequence([.form(.nfkd), .stripAccents, .lowercase]), .wider),
    ]
  }

  @Test func sameTextAndOffsets() throws {
    let url = try #require(
      Bundle.module.url(forResource: "normalizers", withExtension: "json", subdirectory: "Fixtures")
    )
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    let kinds = try kinds(fixture)
    #expect(kinds.count == fixture.cases.count)
    for (name, normalizer, relation) in kinds {
      let cases = try #require(fixture.cases[name])
      let changed = Dictionary(uniqueKeysWithValues: cases.map { ($0.text, $0) })
      for (index, input) in fixture.texts.enumerated() {
        var text = AlignedText(input)
        normalizer.apply(to: &text)
        // What the fixture leaves out is what the package leaves as it is.
        let expected = changed[index]?.output ?? input
        #expect(
          scalars(text.text) == scalars(expected),
          "\(name) of \(hexadecimal(scalars(input))): \(hexadecimal(scalars(text.text)))")
        guard let offsets = changed[index]?.offsets, scalars(text.text) == scalars(expected) else {
          continue
        }
        let theirs = stride(from: 0, to: offsets.count, by: 2).map { offsets[$0]..<offsets[$0 + 1] }
        let ours = NormalizerTests.scalarRanges(text)
        #expect(
          agree(ours, theirs, relation),
          "\(name) of \(hexadecimal(scalars(input))): \(ours), the package has \(theirs)")
      }
    }
  }

  private func agree(_ ours: [Range<Int>], _ theirs: [Range<Int>], _ relation: Offsets) -> Bool {
    switch relation {
    case .equal: return ours == theirs
    case .wider:
      return ours.count == theirs.count
        && zip(ours, theirs).allSatisfy {
          $0.lowerBound <= $1.lowerBound && $0.upperBound >= $1.upperBound
        }
    }
  }
}
