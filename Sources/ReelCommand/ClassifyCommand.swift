import ArgumentParser
import Reel

/// `reel classify`: the label of each line of a text.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify", abstract: "Give each line of a text a label.",
    discussion: """
      Each line is a text; the answer is its most probable label, a tab, and the probability. Lines \
      are answered as they come, so a pipe may stay open.

      An empty line, or one that is not UTF-8, gets an empty line for an answer and is named on \
      standard error; the others are answered, and the exit code is 1 at the end. Of a very long \
      line the model reads as many words as it was trained to (10,000 unless its configuration \
      says otherwise).
      """)

  @OptionGroup var options: AnswerOptions

  @Flag(
    help: """
      Print one JSON object for each line, with the line's number, the label, its probability, and \
      the probabilities of all labels; with the key error where there is no answer.
      """)
  var json = false

  func run() throws {
    try options.machine.run {
      let model = try TextClassifier(folder: options.model)
      var output = LineOutput()
      let loop = try AnswerLoop(options)
      do {
        try loop.run(
          problem: AnswerLoop.problemIfBlank,
          answer: { try answer($0, model, &output) }, flush: { try output.flush() })
      } catch is StandardStreams.ClosedPipe {
        // The reader has had enough.
      }
    }
  }

  private func answer(
    _ lines: [AnswerLine], _ model: TextClassifier, _ output: inout LineOutput
  ) throws {
    let good = lines.filter { $0.problem == nil }
    var answers = model.classify(good.map(\.text))[...]
    for line in lines {
      var object = JSONLine()
      object.add("line", line.number)
      if let problem = line.problem {
        object.add("error", problem)
        if json { try output.write(line: object.closed) } else { try output.write(line: "") }
        continue
      }
      guard let answer = answers.popFirst() else { continue }
      if json {
        object.add("label", answer.label)
        object.add("probability", answer.probability)
        object.add(
          "probabilities",
          zip(model.labels.names, answer.probabilities).map { (key: $0, value: $1) })
        try output.write(line: object.closed)
      } else {
        let probability = TextFormat.fixed(Double(answer.probability), 4)
        try output.write(line: "\(PieceWriter.escaped(answer.label))\t\(probability)")
      }
    }
  }
}
