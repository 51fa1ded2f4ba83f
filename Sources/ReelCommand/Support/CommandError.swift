import ArgumentParser

/// Why a command ends: one line for standard error, and the exit code.
struct CommandError: Error, CustomStringConvertible {
  let description: String
  let exitCode: ExitCode

  /// Line breaks in the message become spaces.
  init(_ message: String, exitCode: ExitCode = .failure) {
    description = message.split(whereSeparator: \.isNewline).joined(separator: " ")
    self.exitCode = exitCode
  }

  /// Arguments that can never work, whatever the files hold: exit code 64.
  static func wrongArgument(_ message: String) -> CommandError {
    CommandError(message, exitCode: .validationFailure)
  }

  /// Runs a check of arguments; what it throws becomes a wrong argument.
  static func checkingArguments<Result>(_ check: () throws -> Result) throws -> Result {
    do {
      return try check()
    } catch let error as CommandError {
      throw error
    } catch {
      throw wrongArgument("\(error)")
    }
  }
}
