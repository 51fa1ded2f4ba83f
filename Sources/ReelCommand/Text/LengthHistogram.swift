/// How often each length came.
struct LengthHistogram {
  private var counts: [Int: Int] = [:]
  /// Lengths that came, all together.
  private(set) var count = 0
  private(set) var sum = 0

  mutating func add(_ length: Int) {
    counts[length, default: 0] += 1
    count += 1
    sum += length
  }

  var mean: Double { count == 0 ? 0 : Double(sum) / Double(count) }

  /// The smallest length that is at least as large as this share of all; 0 where none came.
  func quantile(_ share: Double) -> Int {
    let rank = max(1, Int((share * Double(count)).rounded(.up)))
    var passed = 0
    for length in counts.keys.sorted() {
      passed += counts[length, default: 0]
      if passed >= rank { return length }
    }
    return 0
  }

  /// Lengths side by side that are counted together.
  struct Bin: Equatable {
    let lengths: ClosedRange<Int>
    let count: Int
  }

  /// At most this many bins of the same round width; the last one also takes the hundredth part
  /// of all lengths that would stretch the picture.
  func bins(atMost most: Int = 12) -> [Bin] {
    guard count > 0 else { return [] }
    let (first, last, end) = (quantile(0), quantile(0.99), quantile(1))
    var width = 1
    while last / width - first / width >= most { width = Self.nextRound(width) }
    let start = first / width
    var sums = [Int](repeating: 0, count: last / width - start + 1)
    for (length, count) in counts { sums[min(length / width - start, sums.count - 1)] += count }
    return sums.indices.map { index in
      let low = (start + index) * width
      let high = low + width - 1
      return Bin(
        lengths: low...(index == sums.count - 1 ? max(high, end) : high), count: sums[index])
    }
  }

  /// 1, 2, 5, 10, 20, 50 and so on.
  private static func nextRound(_ width: Int) -> Int {
    String(width).hasPrefix("2") ? width / 2 * 5 : width * 2
  }

  /// One line for each bin: lengths, how many, their share, a bar.
  ///
  /// - Parameter width: columns that a line may take.
  func lines(width: Int, usesUnicode: Bool) -> [String] {
    let bins = bins()
    let names = bins.map { bin in
      bin.lengths.count == 1
        ? TextFormat.grouped(bin.lengths.lowerBound)
        : "\(TextFormat.grouped(bin.lengths.lowerBound))-\(TextFormat.grouped(bin.lengths.upperBound))"
    }
    let numbers = bins.map { TextFormat.grouped($0.count) }
    let nameWidth = names.map(\.count).max() ?? 0
    let numberWidth = numbers.map(\.count).max() ?? 0
    let largest = bins.map(\.count).max() ?? 1
    let space = max(8, min(60, width - nameWidth - numberWidth - 13))
    return bins.indices.map { index in
      let share = TextFormat.fixed(100 * Double(bins[index].count) / Double(count), 1)
      let bar = Self.bar(
        Double(bins[index].count) / Double(largest) * Double(space), usesUnicode: usesUnicode)
      let line =
        "\(padded(names[index], nameWidth))  \(padded(numbers[index], numberWidth))  "
        + "\(padded(share, 5)) %  \(bar)"
      return line.last == " " ? String(line.dropLast(2)) : line
    }
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  /// A bar of so many columns, in eighths where there are characters for them.
  private static func bar(_ length: Double, usesUnicode: Bool) -> String {
    guard usesUnicode else { return String(repeating: "#", count: Int(length.rounded())) }
    let eighths = Int((length * 8).rounded())
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"][eighths % 8]
    return String(repeating: "█", count: eighths / 8) + rest
  }
}
