import ArgumentParser

/// Where a training saves its model, and what becomes of one that is there.
struct OutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The folder of the model; it is made.", valueName: "folder"))
  var output: String

  @Flag(help: "Go on from the checkpoint in the output folder.")
  var resume = false

  @Flag(help: "Replace the model in the output folder.")
  var overwrite = false

  @Flag(help: "End with one line of JSON on standard output.")
  var json = false

  var folder: OutputFolder { OutputFolder(path: output) }

  /// - Throws: a wrong argument for flags that exclude each other.
  func check() throws {
    guard !(resume && overwrite) else {
      throw CommandError.wrongArgument("--resume and --overwrite: one of them is expected")
    }
  }

  /// What to type to go on after Ctrl-C: what was typed, and to resume.
  var resumeCommand: String {
    let once: Set = ["--resume", "--overwrite", "--json"]
    let words = CommandLine.arguments.filter { !once.contains($0) } + ["--resume"]
    return words.map { TextFormat.shellQuoted($0) }.joined(separator: " ")
  }
}
