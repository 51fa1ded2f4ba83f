/// The substrings of counted words that come more than once and that no longer substring replaces.
///
/// They are the inner nodes of the words' suffix tree, found as intervals of the suffix array
/// (Abouelhoda, Kurtz and Ohlebusch 2004): neighbouring suffixes that agree in `length` scalars and
/// not all in one more. A word's end agrees with nothing. So of substrings that begin at the same
/// places, the longest one is found. A suffix of a word that comes in that word alone is found too,
/// if the word comes more than once.
package struct FrequentSubstrings {
  package struct Substring: Equatable {
    /// Occurrences times scalars.
    package var score: Int
    /// The first of the suffixes that begin with it.
    package var suffix: Int32
    package var length: Int32
  }

  let text: TrainingText
  package let suffixes: [Int32]

  package init(_ text: TrainingText) {
    self.text = text
    suffixes = SuffixArray.sorted(text.symbols, symbolCount: text.symbolCount)
  }

  /// The `limit` substrings of 2 to `maximumLength` scalars with the highest scores, in the order of
  /// their scalars. Of equal scores, the first in that order are taken.
  package func best(_ limit: Int, maximumLength: Int) -> [Substring] {
    var found: [Substring] = []
    func keepBest() {
      guard found.count > limit else { return }
      found.sort {
        $0.score != $1.score ? $0.score > $1.score : ($0.suffix, $0.length) < ($1.suffix, $1.length)
      }
      found.removeLast(found.count - limit)
    }
    forEach(maximumLength: maximumLength) { substring in
      found.append(substring)
      // Only so many are held as are worth a sort.
      if found.count >= 4 * limit + 1024 { keepBest() }
    }
    keepBest()
    found.sort { ($0.suffix, $0.length) < ($1.suffix, $1.length) }
    return found
  }

  private struct Interval {
    var length: Int32
    var suffix: Int32
    var occurrences: Int
  }

  /// Calls `body` with each substring of 2 to `maximumLength` scalars.
  private func forEach(maximumLength: Int, _ body: (Substring) -> Void) {
    // Agreement beyond the limit makes no difference.
    let limit = Int32(clamping: maximumLength) &+ (maximumLength < Int(Int32.max) ? 1 : 0)
    var open = [Interval(length: 0, suffix: 0, occurrences: 0)]
    func close(downTo length: Int32) {
      while let last = open.last, last.length > length {
        open.removeLast()
        if last.length >= 2, Int(last.length) <= maximumLength, last.occurrences >= 2 {
          body(
            Substring(
              score: last.occurrences * Int(last.length), suffix: last.suffix, length: last.length))
        }
        if let parent = open.last, parent.length >= length {
          open[open.count - 1].occurrences += last.occurrences
        } else {
          open.append(
            Interval(length: length, suffix: last.suffix, occurrences: last.occurrences))
        }
      }
    }
    text.symbols.withUnsafeBufferPointer { symbols in
      var previous: Int32?
      for (index, suffix) in suffixes.enumerated() {
        guard symbols[Int(suffix)] >= TrainingText.firstScalar else { continue }
        let word = Int(text.words[Int(suffix)])
        let agreement = previous.map { Self.agreement($0, suffix, symbols, limit) } ?? 0
        close(downTo: agreement)
        let length = min(text.wordEnds[word] - suffix, limit)
        let occurrences = text.wordCounts[word]
        if let last = open.last, last.length == length {
          open[open.count - 1].occurrences += occurrences
        } else {
          open.append(
            Interval(length: length, suffix: Int32(index), occurrences: occurrences))
        }
        previous = suffix
      }
    }
    close(downTo: 0)
  }

  /// In how many scalars two suffixes agree, at most `limit`.
  @inline(__always)
  private static func agreement(
    _ left: Int32, _ right: Int32, _ symbols: UnsafeBufferPointer<Int32>, _ limit: Int32
  ) -> Int32 {
    var length: Int32 = 0
    while length < limit {
      let symbol = symbols[Int(left + length)]
      if symbol < TrainingText.firstScalar || symbol != symbols[Int(right + length)] { break }
      length += 1
    }
    return length
  }
}
