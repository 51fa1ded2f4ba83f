import Foundation

/// What one cell reached on the test sentences of one distance.
struct DistanceResult {
  let distance: Int
  let sentences: Int
  let accuracy: Double
  /// Norm of the loss's gradient in the subject's vector over the one in the last word's, the
  /// geometric mean of the sentences.
  let gradient: Double

  /// The means over trainings that differ in their seed alone.
  static func means(_ trainings: [[DistanceResult]]) -> [DistanceResult] {
    (trainings.first ?? []).indices.map { index in
      let all = trainings.map { $0[index] }
      let count = Double(all.count)
      return DistanceResult(
        distance: all[0].distance, sentences: all[0].sentences,
        accuracy: all.map(\.accuracy).reduce(0, +) / count,
        gradient: exp(all.map { log($0.gradient) }.reduce(0, +) / count))
    }
  }

  static func table(_ names: [String], _ results: [[DistanceResult]]) -> String {
    func row(_ first: String, _ second: String, _ cells: [String]) -> String {
      let texts = [right(first, 8), right(second, 9)] + cells.map { right($0, 9) }
      return texts.joined(separator: "  ") + "\n"
    }
    func shares(_ sentences: ClosedRange<Int>) -> [String] {
      results.map { results in
        let chosen = results.filter { sentences.contains($0.distance) }
        let count = chosen.map(\.sentences).reduce(0, +)
        let right = chosen.map { $0.accuracy * Double($0.sentences) }.reduce(0, +)
        return String(format: "%.1f %%", 100 * right / Double(max(1, count)))
      }
    }
    let blank = names.map { _ in "" }
    var text = row("", "", ["accuracy"] + blank.dropFirst() + ["gradient"] + blank.dropFirst())
    text += row("distance", "sentences", names + names)
    for index in (results.first ?? []).indices {
      let cells = results.map { $0[index] }
      text += row(
        "\(cells[0].distance)", "\(cells[0].sentences)",
        cells.map { String(format: "%.1f %%", 100 * $0.accuracy) }
          + cells.map { String(format: "%.2e", $0.gradient) })
    }
    text += row("1–10", "", shares(1...10) + blank)
    text += row("11–25", "", shares(11...25) + blank)
    return text.split(separator: "\n").map { line in
      line.reversed().drop { $0 == " " }.reversed().map(String.init).joined() + "\n"
    }.joined()
  }

  static func chart(_ names: [String], _ results: [[DistanceResult]]) -> String {
    func lines(_ value: (DistanceResult) -> Double) -> [LineChart.Line] {
      zip(names, results).map { name, results in
        LineChart.Line(name: name, points: results.map { (Double($0.distance), value($0)) })
      }
    }
    return LineChart.picture(
      title: "Agreement of verb and subject by their distance",
      horizontal: "words from the subject to the verb",
      [
        LineChart(title: "accuracy", isLogarithmic: false, lines: lines(\.accuracy)),
        LineChart(
          title: "gradient at the subject, relative to the last word", isLogarithmic: true,
          lines: lines(\.gradient)),
      ])
  }

  private static func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }
}
