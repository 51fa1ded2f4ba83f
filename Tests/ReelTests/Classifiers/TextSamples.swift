import Foundation
import Reel

/// A committed corpus of labelled texts.
func corpus(_ path: String) throws -> [LabelledText] {
  let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent()
  var reader = try LabelledTextReader(
    tsv: MappedFile(folder.appendingPathComponent("corpora/\(path)").path))
  var texts: [LabelledText] = []
  while let text = try reader.next() { texts.append(text) }
  return texts
}

/// A few texts whose label is plain.
let fewTexts: [LabelledText] = [
  LabelledText(text: "A good and warm film", label: "positive", line: 1),
  LabelledText(text: "Bad, cold and long", label: "negative", line: 2),
  LabelledText(text: "Warm soup is good", label: "positive", line: 3),
  LabelledText(text: "The long queue was bad", label: "negative", line: 4),
  LabelledText(text: "", label: "negative", line: 5),
]

/// A configuration that trains in milliseconds.
func tinyClassifier(_ pooling: Pooling = .max) -> TextClassifierConfiguration {
  TextClassifierConfiguration(
    embeddingSize: 5, encoder: EncoderConfiguration(cell: .gru, hiddenSize: 4),
    pooling: pooling, attentionSize: 3, dropout: 0)
}
