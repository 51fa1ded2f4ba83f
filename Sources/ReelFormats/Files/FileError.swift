#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// The system refused to read or write a file: missing, no permission, disk full, ...
public struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  public enum Action: String, Sendable { case read, write }

  public let action: Action
  public let path: String
  /// The system's own words, for example "No space left on device".
  public let reason: String
  /// The system's error number; 0 where Reel itself refused.
  public let code: Int32

  public init(_ action: Action, _ path: String, reason: String) {
    self.action = action
    self.path = path
    self.reason = reason
    self.code = 0
  }

  /// What the system call that has just failed left in `errno`.
  init(_ action: Action, _ path: String, code: Int32 = errno, note: String = "") {
    self.action = action
    self.path = path
    self.reason = String(cString: strerror(code)) + note
    self.code = code
  }

  public var description: String { "cannot \(action.rawValue) \(path.onOneLine): \(reason)" }
}

/// Repeats a system call that a signal interrupted.
func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
