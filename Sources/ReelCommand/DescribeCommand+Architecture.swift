import ArgumentParser
import Foundation
import Reel

/// Architectures for images, which need no folder.
extension DescribeCommand {
  /// The architecture that is asked for; nil where a folder is meant.
  func architecture() throws -> Architecture? {
    guard !folder.contains("/"), !FileManager.default.fileExists(atPath: folder) else {
      return nil
    }
    if let found = Architecture.all.first(where: { $0.name == folder }) { return found }
    throw CommandError.wrongArgument(
      "'\(folder)' is neither a folder nor an architecture: expected a model's folder, or one of "
        + Architecture.all.map(\.name).joined(separator: ", "))
  }

  func describe(_ architecture: Architecture) throws {
    let table = try CommandError.checkingArguments {
      try LayerTable(architecture, input: input?.sizes, classes: classes)
    }
    do {
      if json {
        try JSONOutput.write(ArchitectureResult(table))
      } else {
        let sizes = table.input.map(String.init).joined(separator: "×")
        let classes =
          table.classes == 1 ? "1 class" : "\(TextFormat.grouped(table.classes)) classes"
        try StandardStreams.write(
          "\(table.architecture) (\(table.source)), input \(sizes), \(classes)\n\n\(table.text)")
      }
    } catch is StandardStreams.ClosedPipe {}
  }

  /// What `--json` prints.
  private struct ArchitectureResult: Encodable {
    let architecture: String
    let source: String
    let input: [Int]
    let output: [Int]
    let classes: Int
    let layers: [LayerTable.Row]
    let parameters: Int
    let auxiliaryParameters: Int
    let multiplyAdds: Int

    init(_ table: LayerTable) {
      (architecture, source) = (table.architecture, table.source)
      (input, output, classes) = (table.input, table.output, table.classes)
      layers = table.rows
      (parameters, auxiliaryParameters) = (table.parameters, table.auxiliaryParameters)
      multiplyAdds = table.multiplyAdds
    }
  }
}

/// The size of an image as an argument: channels, height and width.
struct InputShape: ExpressibleByArgument {
  let sizes: [Int]

  init?(argument: String) {
    let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map {
      Int($0) ?? 0
    }
    guard parts.count == 3, parts.allSatisfy({ $0 > 0 }) else { return nil }
    sizes = parts
  }
}
