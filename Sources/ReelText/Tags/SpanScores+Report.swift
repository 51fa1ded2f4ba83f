#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

extension SpanScores {
  /// The counts in the words of the CoNLL scorer, in percent:
  ///
  ///     processed 12 tokens with 4 phrases; found: 3 phrases; correct: 2.
  ///     accuracy:  83.33%; precision:  66.67%; recall:  50.00%; FB1:  57.14
  ///                   LOC: precision: 100.00%; recall:  50.00%; FB1:  66.67  1
  ///
  /// with the number of predicted spans at the end of each type's line. Every line ends with LF.
  public var report: String {
    var text =
      "processed \(tokens) tokens with \(total.gold) phrases; found: \(total.predicted) phrases; "
      + "correct: \(total.correct).\n"
    if tokens > 0 {
      let accuracy = 100 * Double(correctTokens) / Double(tokens)
      text += "accuracy: \(percent(accuracy))%; \(line(total))\n"
    }
    for (type, counts) in types {
      let space = String(repeating: " ", count: max(0, 17 - type.utf8.count))
      text += "\(space)\(type): \(line(counts))  \(counts.predicted)\n"
    }
    return text
  }

  private func line(_ counts: SpanCounts) -> String {
    "precision: \(percent(counts.percentPrecision))%; recall: \(percent(counts.percentRecall))%; "
      + "FB1: \(percent(counts.percentF1))"
  }

  /// Two digits after the point, filled up to six characters, rounded as C does it.
  private func percent(_ value: Double) -> String {
    let bytes = [UInt8](unsafeUninitializedCapacity: 32) { buffer, count in
      let written = withVaList([value]) { arguments in
        buffer.withMemoryRebound(to: CChar.self) {
          vsnprintf($0.baseAddress, $0.count, "%6.2f", arguments)
        }
      }
      count = max(0, min(Int(written), 31))
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
