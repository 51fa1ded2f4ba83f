import ReelText
import Testing

/// Unicode's own test of normalization. The failing cases are listed; where the file and utf8proc
/// are of one version of Unicode there must be none, and otherwise each must hold a scalar that one
/// of the two versions does not know.
@Suite(.enabled(if: UnicodeData.has("NormalizationTest.txt"), UnicodeData.hint))
struct NormalizationConformanceTests {
  private let fileVersion = UnicodeData.version(of: "NormalizationTest.txt")
  private let libraryVersion = UnicodeProperties.unicodeVersion
  private let assigned = UnicodeData.categories() ?? [:]

  /// The five columns of each line: source, NFC, NFD, NFKC, NFKD.
  private func cases() throws -> [(line: Int, columns: [[UInt32]])] {
    try #require(UnicodeData.lines(of: "NormalizationTest.txt")).compactMap { line in
      let fields = line.text.split(separator: ";")
      guard fields.count >= 5 else { return nil }
      return (line.number, fields.prefix(5).map { UnicodeData.scalars($0) })
    }
  }

  @Test func allCases() throws {
    let cases = try cases()
    var failures: [(text: String, scalars: [UInt32])] = []
    for (line, columns) in cases {
      let texts = columns.map { text($0) }
      // The conformance rules at the head of the file: which column each form of each column is.
      let expected: [(form: NormalizationForm, of: [Int], is: Int)] = [
        (.nfc, [0, 1, 2], 1), (.nfc, [3, 4], 3), (.nfd, [0, 1, 2], 2), (.nfd, [3, 4], 4),
        (.nfkc, [0, 1, 2, 3, 4], 3), (.nfkd, [0, 1, 2, 3, 4], 4),
      ]
      for rule in expected {
        for column in rule.of {
          let result = scalars(texts[column].normalized(rule.form))
          if result == columns[rule.is] { continue }
          let message =
            "line \(line): \(rule.form.rawValue) of \(hexadecimal(columns[column])) is "
            + "\(hexadecimal(result)), expected \(hexadecimal(columns[rule.is]))"
          failures.append((message, columns[column]))
        }
      }
    }
    print(
      "NormalizationTest \(fileVersion), utf8proc of Unicode \(libraryVersion): "
        + "\(cases.count) cases, \(failures.count) comparisons fail")
    if fileVersion == "15.0.0" { #expect(cases.count == 19_074) }
    report(failures)
  }

  /// A scalar that part 1 does not list is the same in all forms.
  @Test func scalarsThatAreNotListed() throws {
    let listed = Set(try cases().compactMap { $0.columns[0].count == 1 ? $0.columns[0][0] : nil })
    let others = allScalars.filter { !listed.contains($0) }
    var failures: [(text: String, scalars: [UInt32])] = []
    for form in NormalizationForm.allCases {
      for start in stride(from: 0, to: others.count, by: 4096) {
        let part = others[start..<min(start + 4096, others.count)]
        // A line feed joins nothing, so that many can be looked at together.
        let joined = text(part.flatMap { [$0, 0x0A] })
        if scalars(joined.normalized(form)) == scalars(joined) { continue }
        for scalar in part where scalars(text([scalar]).normalized(form)) != [scalar] {
          failures.append(("\(form.rawValue) changes \(hexadecimal([scalar]))", [scalar]))
        }
      }
    }
    #expect(others.count > 1_000_000)
    report(failures)
  }

  private func report(_ failures: [(text: String, scalars: [UInt32])]) {
    for failure in failures {
      let unknown = failure.scalars.filter {
        assigned[$0] == nil || UnicodeProperties.category($0) == .cn
      }
      let isExplained = fileVersion != libraryVersion && !unknown.isEmpty
      if isExplained {
        print(
          "\(failure.text): \(hexadecimal(unknown)) is not in both Unicode \(fileVersion) and "
            + libraryVersion)
      }
      #expect(isExplained, "\(failure.text)")
    }
  }
}
