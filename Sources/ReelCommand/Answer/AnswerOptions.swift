import ArgumentParser
import Reel

/// What a command that answers line by line reads, and with which model.
struct AnswerOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("The folder of the model.", valueName: "folder"))
  var model: String

  @Argument(help: ArgumentHelp("The text, or - (default: standard input).", valueName: "file"))
  var file: String?

  @Flag(help: "Read bytes that are not UTF-8 as U+FFFD.")
  var replaceInvalid = false

  @OptionGroup(title: "Machine") var machine: MachineOptions
}
