import Foundation
import ReelFormats
import ReelTraining

extension ImageSet where Target == LocatedClass {
  /// Reads a folder with `images/NAME.png` and a file `boxes.tsv` whose lines have, with tabs
  /// between, the name of an image, its class, and left, top, right and bottom of the thing in pixels.
  /// The classes are in the order of their names' bytes.
  ///
  /// - Throws: `FileError` or `FormatError`, one line that names the file and, in `boxes.tsv`, the line.
  public init(
    folder: String, channels: PNGImage.Channels? = nil, classes: [String]? = nil
  ) throws {
    var files = try ImageFolder(folder, channels: channels)
    let path = folder + "/boxes.tsv"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else {
      throw FormatError(path: path, came: "no text", expected: "a file of names, classes and boxes")
    }
    var rows: [(name: String, label: String, box: BoundingBox, line: Int)] = []
    let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    for (index, line) in lines.enumerated() where !line.isEmpty {
      let cells = line.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) }
      let sides = cells.dropFirst(2).compactMap { Float($0) }
      guard cells.count == 6, sides.count == 4, sides.allSatisfy(\.isFinite), sides[0] < sides[2],
        sides[1] < sides[3]
      else {
        throw FormatError(
          path: path, came: "line \(index + 1) of \(cells.count) columns",
          expected: "name, class, left, top, right, bottom, with right and bottom the larger ones")
      }
      let box = BoundingBox(left: sides[0], top: sides[1], right: sides[2], bottom: sides[3])
      rows.append((cells[0], cells[1], box, index + 1))
    }
    let names =
      classes
      ?? rows.map(\.label).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
      .reduce(into: []) { if $0.last != $1 { $0.append($1) } }
    var examples: [Example] = []
    for row in rows {
      guard let label = names.firstIndex(of: row.label) else {
        throw FormatError(
          path: path, came: "the class \"\(row.label)\" in line \(row.line)",
          expected: "one of \(names.map { "\"\($0)\"" }.joined(separator: ", "))")
      }
      let pixels = try files.pixels("\(folder)/images/\(row.name)")
      examples.append(
        Example(pixels: pixels, target: LocatedClass(label: Int32(label), box: row.box)))
    }
    let shape = try files.shapeOfAll("images/NAME.png and their rows in boxes.tsv")
    self.init(shape: shape, classes: names, examples: examples)
  }

  /// Writes a folder that `init(folder:channels:classes:)` reads.
  public func write(to folder: String) throws {
    try ImageFolder.make("\(folder)/images")
    var text = ""
    for (index, example) in examples.enumerated() {
      let name = ImageFolder.fileName(index, of: count)
      let box = example.target.box
      try image(index).write(to: "\(folder)/images/\(name)")
      text += "\(name)\t\(classes[Int(example.target.label)])\t\(box.left)\t\(box.top)\t"
      text += "\(box.right)\t\(box.bottom)\n"
    }
    try AtomicFile.write(text, to: "\(folder)/boxes.tsv")
  }
}
