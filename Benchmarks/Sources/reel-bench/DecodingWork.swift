import Reel

/// Beam search with an LSTM that reads, one that writes, and attention between them, as
/// `Seq2Seq.translate` does it, from strings to strings. `peers/pytorch_decoding.py` does the same;
/// both must stay equal.
struct DecodingWork: TimedWork {
  let workload: Workload
  let beam: Int
  let model: Seq2Seq
  private let texts: [String]
  private(set) var answers: [[Translation]] = []

  init(_ workload: Workload, beam: Int) throws {
    self.workload = workload
    self.beam = beam
    // The tokenizer's unknown token and the mark of the end are among the scores.
    let scalars = (0..<workload.vocabulary - 2).compactMap {
      Unicode.Scalar(Self.firstScalar + UInt32($0))
    }
    let tokenizer = ScalarTokenizer(scalars)
    let ids = (0..<workload.batch).map { row in
      (0..<workload.steps).map { workload.id(row: row, time: $0) % scalars.count }
    }
    texts = ids.map { row in
      String(String.UnicodeScalarView(row.map { scalars[$0] }))
    }
    let configuration = Seq2SeqConfiguration(
      encoder: EncoderConfiguration(
        cell: .recurrent(workload.cell), hiddenSize: workload.hidden, layers: workload.layers,
        directions: workload.isBidirectional ? .bidirectional : .forward),
      sourceEmbeddingSize: workload.input, targetEmbeddingSize: workload.input,
      decoderHiddenSize: workload.hidden)
    let longest = Self.longestTarget(steps: workload.steps) ?? 0
    let pair = TextPair(source: texts[0], target: String(texts[0].prefix(longest)))
    var model = try Seq2Seq(
      pairs: [pair], configuration: configuration, source: tokenizer, target: tokenizer, seed: 1)
    // The end is never likely, so that every hypothesis goes on to the longest answer.
    let end = workload.vocabulary - 1
    model.network.updateParameters { path, parameter in
      guard path == "decoder.head.bias" else { return }
      var values = parameter.values
      values[end] = Self.biasOfEnd
      parameter = Tensor(shape: parameter.shape, values: values)
    }
    self.model = model
  }

  private static let firstScalar: UInt32 = 0x100
  private static let biasOfEnd: Float = -30
  /// So many tokens are Unicode scalars behind the first, and so few leave something to choose from.
  static let vocabularies = 16...50_000

  /// The longest target in training with which an answer takes so many steps, its end counted; nil
  /// where there is none.
  static func longestTarget(steps: Int) -> Int? {
    (1...max(steps, 1)).first { $0 + $0 / 2 + 6 == steps }
  }

  var units: Int { workload.batch }

  /// Of one source. Each of its `steps` time steps goes through the encoder and becomes a key; the
  /// decoder's first step has one row, each of the others as many as the beam is wide.
  var operations: Double {
    let (hidden, steps) = (workload.hidden, workload.steps)
    let memory = workload.directions * hidden
    let encoder = (0..<workload.layers).reduce(0) { sum, layer in
      let width = layer == 0 ? workload.input : memory
      return sum + workload.directions * 4 * hidden * (width + hidden)
    }
    let bridge = 2 * memory * hidden
    let recurrent = 4 * hidden * (workload.input + hidden + hidden)
    let attention = steps * (hidden + memory)
    let combination = (memory + hidden) * hidden
    let row = recurrent + attention + combination + hidden * workload.vocabulary
    let rows = 1 + (steps - 1) * beam
    return 2 * Double(steps * (encoder + memory * hidden) + bridge + rows * row)
  }

  mutating func repeatOnce() throws {
    answers = try model.translate(texts, TranslationOptions(beam: beam))
  }
}
