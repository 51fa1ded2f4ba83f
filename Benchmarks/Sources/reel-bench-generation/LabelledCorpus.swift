import Foundation
import Reel

/// A corpus of labelled texts, as `corpora/get` fetches it, cut into parts by text: equal texts, of
/// whatever labels, never stand in two parts.
struct LabelledCorpus {
  var training: [LabelledText] = []
  var validation: [LabelledText] = []
  var test: [LabelledText] = []

  enum Name: String, CaseIterable {
    case names, tunes
  }

  init(_ name: Name, folder: String) throws {
    let texts =
      switch name {
      case .names: try Self.names(folder + "/names")
      case .tunes: try Self.tunes(folder + "/abc-tunes")
      }
    // One split for all seeds of a training: 80 %, 10 %, 10 %.
    var places: [String: Int] = [:]
    var groups: [[LabelledText]] = []
    for text in texts {
      let place = places[text.text] ?? groups.count
      places[text.text] = place
      if place == groups.count { groups.append([]) }
      groups[place].append(text)
    }
    var generator = RandomGenerator(seed: 20)
    for (index, place) in generator.permutation(of: groups.count).enumerated() {
      switch index % 10 {
      case 0: test += groups[place]
      case 1: validation += groups[place]
      default: training += groups[place]
      }
    }
  }

  private static func lines(_ path: String) throws -> [String] {
    let text = try String(contentsOfFile: path, encoding: .utf8)
    return text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0) }
  }

  /// Given names and the 5,000 most frequent family names.
  private static func names(_ folder: String) throws -> [LabelledText] {
    try [("female", Int.max), ("male", Int.max), ("last", 5_000)].flatMap { kind, count in
      try lines("\(folder)/\(kind).txt").filter { !$0.isEmpty }.prefix(count)
        .map { LabelledText(text: $0, label: kind) }
    }
  }

  /// Keys with fewer tunes are left out, and so are longer tunes.
  private static let fewestTunes = 100
  private static let longestTune = 500

  /// The notes of tunes in one key, without fields, chord names, comments and spaces at ends.
  private static func tunes(_ folder: String) throws -> [LabelledText] {
    var all: [LabelledText] = []
    for file in ["oneills-1850", "ryans-mammoth", "airds-airs"] {
      for tune in try lines("\(folder)/\(file).abc").split(separator: "") {
        guard let key = tune.firstIndex(where: { $0.hasPrefix("K:") }),
          let label = keyName(tune[key].dropFirst(2))
        else { continue }
        let body = tune[(key + 1)...]
        guard !body.contains(where: { $0.hasPrefix("K:") || $0.contains("[K:") }) else { continue }
        let notes = body.filter { !isField($0) }.map(notes).filter { !$0.isEmpty }
          .joined(separator: "\n")
        guard !notes.isEmpty, notes.unicodeScalars.count <= longestTune else { continue }
        all.append(LabelledText(text: notes, label: label))
      }
    }
    let labels = Labels(of: all.lazy.map(\.label))
    var counts = [Int](repeating: 0, count: labels.count)
    for tune in all { labels.index(of: tune.label).map { counts[$0] += 1 } }
    return all.filter { tune in
      labels.index(of: tune.label).map { counts[$0] >= fewestTunes } ?? false
    }
  }

  private static func isField(_ line: String) -> Bool {
    let scalars = Array(line.unicodeScalars.prefix(2))
    return scalars.first == "%"
      || scalars.count == 2 && scalars[1] == ":" && scalars[0].properties.isAlphabetic
  }

  /// `G`, `Bb`, `Em`: the tonic, with `m` for minor; nil for a mode, and what is no key.
  private static func keyName(_ field: Substring) -> String? {
    let text = field.prefix { $0 != "%" }.filter { !$0.isWhitespace }
    let tonic = text.prefix { "ABCDEFGb#".contains($0) }
    let mode = text.dropFirst(tonic.count).lowercased()
    guard let first = tonic.first, "ABCDEFG".contains(first), tonic.count <= 2 else { return nil }
    switch mode {
    case "", "maj", "major": return String(tonic)
    case "m", "min", "minor": return tonic + "m"
    default: return nil
    }
  }

  private static func notes(_ line: String) -> String {
    var result = ""
    var isQuoted = false
    for scalar in line.unicodeScalars {
      if scalar == "%" { break }
      if scalar == "\"" {
        isQuoted.toggle()
      } else if !isQuoted, scalar != "\\",
        !(scalar == " " && (result.isEmpty || result.last == " "))
      {
        result.unicodeScalars.append(scalar == "\t" ? " " : scalar)
      }
    }
    while result.last == " " { result.removeLast() }
    return result
  }
}
