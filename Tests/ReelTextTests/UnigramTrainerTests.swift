import Foundation
import ReelText
import Testing

struct UnigramTrainerTests {
  @Test func digammaIsTheDerivativeOfLogGamma() {
    let gamma = 0.577_215_664_901_532_86
    #expect(abs(digamma(1) + gamma) < 1e-15)
    #expect(abs(digamma(0.5) + gamma + 2 * log(2.0)) < 2e-15)
    #expect(abs(digamma(0.25) + gamma + .pi / 2 + 3 * log(2.0)) < 4e-15)
    // ψ(n + 1) = H(n) − γ.
    var harmonic = 0.0
    for number in 1...300 {
      harmonic += 1 / Double(number)
      #expect(abs(digamma(Double(number) + 1) - harmonic + gamma) < 4e-15)
    }
  }

  @Test func expectationsAreThoseOfTryingAllSegmentations() {
    var generator = TestGenerator(state: 51)
    let letters = ["a", "b", "é", "語"]
    for _ in 0..<250 {
      let known = Array(letters.prefix(Int.random(in: 1...4, using: &generator)))
      let pieces = generator.pieces(12, letters: known, upTo: 4)
      let scores = pieces.map { _ in -Double.random(in: 0.5...9, using: &generator) }
      var lattice = UnigramLattice(ByteStrings(pieces), scores: scores)
      let oracle = SegmentationOracle(pieces, scores, unknownScore: lattice.unknownScore)
      for _ in 0..<4 {
        let word = Array(generator.word(letters: letters, 1...7).utf8)
        let count = Double(Int.random(in: 1...5, using: &generator))
        var expected = [Double](repeating: 0, count: pieces.count)
        var total = 0.0
        let all = oracle.segmentations(of: word)
        for path in all { total += exp(path.score) }
        for path in all {
          for piece in path.pieces where piece >= 0 {
            expected[piece] += count * exp(path.score) / total
          }
        }
        var linear = [Double](repeating: 0, count: pieces.count)
        var logarithmic = linear
        let (first, second) = word.withUnsafeBufferPointer {
          (
            lattice.addExpectations(of: $0, count: count, to: &linear),
            lattice.addExpectationsByLogarithms(of: $0, count: count, to: &logarithmic)
          )
        }
        #expect(abs(first - log(total)) < 1e-9 && abs(second - log(total)) < 1e-9)
        for piece in pieces.indices {
          #expect(abs(linear[piece] - expected[piece]) < 1e-9)
          #expect(abs(logarithmic[piece] - expected[piece]) < 1e-9)
        }
        checkPaths(of: word, &lattice, oracle)
      }
    }
  }

  /// The best path, and the best one without a piece.
  private func checkPaths(
    of word: [UInt8], _ lattice: inout UnigramLattice, _ oracle: SegmentationOracle
  ) {
    var path: [Int32] = []
    for excluded in [-1, 0, 1] where excluded < oracle.pieces.count {
      // A single scalar cannot be done without.
      guard excluded < 0 || String(decoding: oracle.pieces[excluded], as: UTF8.self).count > 1
      else { continue }
      let score = word.withUnsafeBufferPointer {
        lattice.bestPath(of: $0, without: Int32(excluded), into: &path)
      }
      let best = oracle.segmentations(of: word).filter {
        !$0.pieces.contains(excluded) || excluded < 0
      }
      .map(\.score).max()
      #expect(abs(score - (best ?? .nan)) < 1e-9)
      let sum = path.reduce(0.0) { $0 + ($1 < 0 ? oracle.unknownScore : oracle.scores[Int($1)]) }
      #expect(abs(sum - score) < 1e-9)
    }
  }

  @Test func longWordsDoNotUnderflow() {
    let pieces = ["a", "aa", "b"].map { Array($0.utf8) }
    var lattice = UnigramLattice(ByteStrings(pieces), scores: [-5, -9, -30])
    let word = [UInt8](repeating: 97, count: 4000)
    var expected = [Double](repeating: 0, count: 3)
    let total = word.withUnsafeBufferPointer {
      lattice.addExpectations(of: $0, count: 1, to: &expected)
    }
    // The sum over segmentations, f(n) = e⁻⁵ f(n − 1) + e⁻⁹ f(n − 2), grows as the larger root.
    let (one, two): (Double, Double) = (exp(-5.0), exp(-9.0))
    let root = (one + (one * one + 4 * two).squareRoot()) / 2
    #expect(abs(total / 4000 - log(root)) < 1e-3)
    #expect(abs(expected[0] + 2 * expected[1] - 4000) < 1e-6)
    #expect(expected[2] == 0)
  }

  @Test func longWordsAreSummedAsByLogarithms() {
    var generator = TestGenerator(state: 52)
    let letters = ["a", "b", "c", "é"]
    let pieces = generator.pieces(40, letters: letters, upTo: 6)
    let scores = pieces.map { _ in -Double.random(in: 3...12, using: &generator) }
    var lattice = UnigramLattice(ByteStrings(pieces), scores: scores)
    // From word to word the scale is fitted better, so that sums of probabilities do.
    for length in [10, 300, 300, 1000, 3000] {
      let word = Array(generator.word(letters: letters, length...length).utf8)
      var fast = [Double](repeating: 0, count: pieces.count)
      var slow = fast
      let (first, second) = word.withUnsafeBufferPointer {
        (
          lattice.addExpectations(of: $0, count: 3, to: &fast),
          lattice.addExpectationsByLogarithms(of: $0, count: 3, to: &slow)
        )
      }
      #expect(abs(first - second) < 1e-9 * abs(second))
      #expect(zip(fast, slow).allSatisfy { abs($0 - $1) < 1e-8 * (1 + $1) })
    }
  }

  /// Words made of a few stems and endings, so that there is something to find.
  private func words(_ seed: UInt64, _ count: Int) -> [(bytes: [UInt8], count: Int)] {
    var generator = TestGenerator(state: seed)
    let stems = (0..<60).map { _ in
      generator.word(letters: ["k", "a", "r", "i", "o", "t", "n", "e", "ö", "ш"], 3...6)
    }
    var counts = PieceCounts()
    for _ in 0..<count {
      let stem = stems[
        min(Int.random(in: 0..<60, using: &generator), Int.random(in: 0..<60, using: &generator))]
      let ending = ["", "ing", "ed", "s", "ness", "ly"][Int.random(in: 0..<6, using: &generator)]
      counts.add(Array(("▁" + stem + ending).utf8))
    }
    return counts.sorted
  }

  @Test func learnsTheSizeThatIsAskedFor() throws {
    var trainer = UnigramTrainer(vocabularySize: 80, unknownToken: "<unk>")
    trainer.specialTokens = ["<pad>", "<unk>", "</s>", "<pad>"]
    trainer.initialAlphabet = ["z", "語"]
    let words = words(61, 3000)
    let result = try trainer.train(words)
    #expect(result.tokens.count == 80 && result.scores.count == 80)
    #expect(result.unknownID == 1)
    let texts = result.tokens.map { String(decoding: $0, as: UTF8.self) }
    #expect(Array(texts.prefix(3)) == ["<pad>", "<unk>", "</s>"])
    #expect(Array(result.scores.prefix(3)) == [0, 0, 0])
    #expect(Set(texts).count == 80)
    #expect(result.scores.dropFirst(3).allSatisfy { $0 < 0 && $0.isFinite })
    let rest = result.scores.dropFirst(3)
    #expect(zip(rest, rest.dropFirst()).allSatisfy { $0 >= $1 })
    // Every character of the words and of the initial alphabet.
    for word in words {
      for scalar in String(decoding: word.bytes, as: UTF8.self).unicodeScalars {
        #expect(texts.contains(String(scalar)))
      }
    }
    #expect(texts.contains("z") && texts.contains("語"))
    // The endings are worth a piece.
    #expect(texts.contains("ness") && texts.contains("ing"))
    // The same again.
    #expect(try trainer.train(words) == result)
  }

  @Test func theUnknownTokenComesFirstUnlessItIsSpecial() throws {
    var trainer = UnigramTrainer(vocabularySize: 40, unknownToken: "<unk>")
    trainer.specialTokens = ["</s>"]
    let result = try trainer.train(words(62, 500))
    #expect(
      result.tokens.prefix(2).map { String(decoding: $0, as: UTF8.self) } == ["<unk>", "</s>"])
    #expect(result.unknownID == 0)
    trainer.unknownToken = nil
    #expect(try trainer.train(words(62, 500)).unknownID == nil)
  }

  @Test func likelihoodGrowsWithTheVocabulary() throws {
    let words = words(63, 3000)
    var last = -Double.infinity
    for size in [20, 40, 80, 160] {
      let result = try UnigramTrainer(vocabularySize: size, unknownToken: "<unk>").train(words)
      let model = try UnigramModel(
        tokens: result.tokens, scores: result.scores, unknownID: result.unknownID)
      var likelihood = 0.0
      for word in words {
        for token in model.tokens(of: word.bytes) {
          likelihood += Double(word.count) * model.scores[Int(token.id)]
        }
      }
      #expect(likelihood > last)
      last = likelihood
    }
  }

  @Test func takesFewAndLongWords() throws {
    let trainer = UnigramTrainer(vocabularySize: 30, unknownToken: "<unk>")
    #expect(try trainer.train([]).tokens == [Array("<unk>".utf8)])
    #expect(try trainer.train([([], 3), (Array("a".utf8), 0)]).tokens.count == 1)
    let single = try trainer.train([(Array("a".utf8), 5)])
    #expect(single.tokens == ["<unk>", "a"].map { Array($0.utf8) })
    // One word of 20,000 scalars is learned from in parts.
    let long = Array(String(repeating: "語é😀a", count: 5000).utf8)
    let result = try trainer.train([(long, 1)])
    #expect(result.tokens.count <= 30 && result.tokens.count > 5)
    // A special token that is a piece too comes once.
    var special = UnigramTrainer(vocabularySize: 30, unknownToken: "a")
    special.specialTokens = ["b"]
    let both = try special.train([(Array("abab".utf8), 9), (Array("abc".utf8), 2)])
    #expect(Set(both.tokens).count == both.tokens.count)
    #expect(both.tokens.prefix(2) == [[97], [98]])
  }

  @Test func refusesMoreCharactersThanThereIsRoomFor() {
    let trainer = UnigramTrainer(vocabularySize: 3, unknownToken: "<unk>")
    #expect(
      errorText { _ = try trainer.train([(Array("abcd".utf8), 1)]) }
        == "a vocabulary of 3 tokens, expected at least 5: 1 special ones and one for each of 4 "
        + "different characters")
    #expect(
      errorText { _ = try trainer.train([([0x61, 0x80], 1)]) }
        == "byte 1 of the word 'a\u{FFFD}' is 128, expected UTF-8")
  }

  @Test func reportsProgressAndStopsWhenAsked() throws {
    struct Cancelled: Error {}
    let trainer = UnigramTrainer(vocabularySize: 60, unknownToken: "<unk>")
    let words = words(64, 2000)
    var steps: [(Int, Int)] = []
    _ = try trainer.train(words) { steps.append(($0, $1)) }
    #expect(steps.count > 3)
    #expect(zip(steps, steps.dropFirst()).allSatisfy { $0.0 <= $1.0 })
    #expect(steps.allSatisfy { $0.0 <= $0.1 })
    #expect(steps.last.map { $0.0 == $0.1 } == true)
    var calls = 0
    #expect(throws: Cancelled.self) {
      _ = try trainer.train(words) { done, _ in
        calls += 1
        if done == 2 { throw Cancelled() }
      }
    }
    #expect(calls == 3)
  }
}
