import Reel
import Testing

@Suite struct LineChartTests {
  private func points(_ text: Substring) -> [(x: Double, y: Double)] {
    text.split(separator: " ").map { pair in
      let numbers = pair.split(separator: ",").compactMap { Double($0) }
      return (numbers[0], numbers[1])
    }
  }

  /// The points of every line, legend first.
  private func polylines(_ svg: String) -> [[(x: Double, y: Double)]] {
    svg.split(separator: "\n").filter { $0.hasPrefix("<polyline") }.map { line in
      points(line.split(separator: "\"", omittingEmptySubsequences: false)[3])
    }
  }

  private func labels(_ svg: String) -> [Substring] {
    svg.split(separator: "\n").filter { $0.hasPrefix("<text") }.map { line in
      line.drop { $0 != ">" }.dropFirst().prefix { $0 != "<" }
    }
  }

  @Test func placesPoints() throws {
    let chart = LineChart(
      title: "loss",
      lines: [.init("a", [(0, 0), (5, 1), (10, 2)]), .init("b", [(0, 2), (10, 0)])])
    let svg = chart.svg(horizontal: "epoch")
    let lines = polylines(svg)
    try #require(lines.count == 4)
    let (a, b) = (lines[2], lines[3])
    // Left, middle and right; the middle of the height.
    #expect(a[0].x == 72 && a[2].x == 616 && a[1].x == 344)
    #expect(a[0].y - a[1].y == a[1].y - a[2].y && a[0].y > a[2].y)
    #expect(b[0].y == a[2].y && b[1].y == a[0].y)
    for label in ["loss", "a", "b", "epoch", "0", "0.5", "2", "10"] {
      #expect(labels(svg).contains(Substring(label)), "\(label)")
    }
  }

  @Test func logarithmsAndPercent() {
    let svg = LineChart.svg(
      title: "<both> & more", horizontal: "x",
      [
        LineChart(title: "p", scale: .percent, lines: [.init("a", [(1, 0.5), (2, 1)])]),
        LineChart(
          title: "l", scale: .logarithmic,
          lines: [.init("a", [(1, 1e-9), (2, 1e-3), (3, 0), (4, .nan), (5, 1e3)])]),
      ])
    #expect(svg.contains("&lt;both&gt; &amp; more") && !svg.contains("<both>"))
    #expect(labels(svg).contains("100 %") && labels(svg).contains("50 %"))
    let lines = polylines(svg)
    // What has no logarithm is left out; equal factors are equal heights.
    #expect(lines[2].count == 3)
    #expect(abs((lines[2][0].y - lines[2][1].y) - (lines[2][1].y - lines[2][2].y)) < 0.11)
    #expect(!svg.contains("nan") && !svg.contains("inf"))
  }

  @Test(arguments: [
    [], [(x: 1.0, y: 1.0)], [(x: 1, y: 3), (x: 2, y: 3)], [(x: 0, y: -1e-7), (x: 1e9, y: 1e-7)],
  ])
  func oddData(points: [(x: Double, y: Double)]) {
    let svg = LineChart(title: "t", lines: [.init("a", points)]).svg(horizontal: "x")
    #expect(!svg.contains("nan") && !svg.contains("inf"))
    for line in polylines(svg) {
      for point in line {
        #expect((0...640).contains(point.x) && (0...360).contains(point.y))
      }
    }
  }
}
