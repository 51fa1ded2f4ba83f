/// What Split and Replace look for: literal text or a regular expression in the syntax of
/// Oniguruma, as it stands in `tokenizer.json` files.
///
/// Understood are alternation, groups (capturing ones only group), atomic groups, inline flags
/// `(?i)` `(?m)` `(?x)`, greedy, lazy and possessive quantifiers, character classes with ranges,
/// negation, nesting and `&&`, the classes `\s \d \w \h \R \X` and their negations, properties by
/// general category or script (`\p{Lu}`, `\p{Han}`), the anchors `^ $ \A \z \Z \b \B`, and looking
/// ahead and behind (behind over a fixed number of scalars). What is not understood is refused by
/// its name and position. As in Oniguruma, `^` and `$` are the edges of lines, and `.` stands for
/// anything but a line feed. Case is ignored scalar by scalar: under `(?i)` the letters "ss" are
/// not "ß".
///
/// A pattern works on UTF-8 bytes, and on no stack but its own: long texts need no deep recursion.
public struct Pattern: Sendable {
  /// What the pattern was made from.
  public enum Source: Sendable {
    case literal(String)
    case expression(String)
  }

  /// What the pattern was made from.
  public let source: Source
  /// A scanner written by hand that finds the same matches as a program, for well-known patterns.
  let scanner: PieceScanner?
  /// Nil where there is a scanner.
  let program: PatternProgram?

  /// A pattern that matches a text itself.
  public init(literal: String) {
    source = .literal(literal)
    let scalars = literal.unicodeScalars.map { PatternNode.set(ScalarSet($0.value)) }
    program = PatternProgram(literal: scalars)
    scanner = nil
  }

  /// A regular expression.
  ///
  /// - Throws: `TextError` that names what is wrong or not supported, and where: positions count
  ///   scalars from 1.
  public init(expression: String) throws(TextError) {
    source = .expression(expression)
    scanner = PieceScanner(expression: expression)
    program = scanner == nil ? try PatternProgram(expression: expression) : nil
  }

  /// A pattern that there is a scanner for.
  init(scannedBy scanner: PieceScanner, expression: String) {
    source = .expression(expression)
    self.scanner = scanner
    program = nil
  }

  /// Calls `body` with the matches, which do not overlap, from left to right.
  ///
  /// An empty match is reported unless it lies where the last match ended, as in the `tokenizers`
  /// package.
  package func forEachMatch(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) {
    var matcher = PatternMatcher(self)
    matcher.forEachMatch(in: bytes, body)
  }

  /// As ``forEachMatch(in:_:)``, always by the program: for tests of the scanners.
  package func forEachMatchOfProgram(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) throws(TextError) {
    guard case .expression(let expression) = source else {
      forEachMatch(in: bytes, body)
      return
    }
    try PatternMachine(PatternProgram(expression: expression)).forEachMatch(in: bytes, body)
  }
}

extension Pattern.Source: Equatable {
  /// Equality byte for byte; Swift's `==` on strings compares by canonical equivalence.
  public static func == (left: Self, right: Self) -> Bool {
    switch (left, right) {
    case (.literal(let left), .literal(let right)): return left.utf8.elementsEqual(right.utf8)
    case (.expression(let left), .expression(let right)):
      return left.utf8.elementsEqual(right.utf8)
    default: return false
    }
  }
}

extension Pattern: Equatable {
  public static func == (left: Pattern, right: Pattern) -> Bool { left.source == right.source }
}

/// Looks for a pattern in one text after the other, with the memory that this needs kept between
/// them.
struct PatternMatcher {
  private let pattern: Pattern
  private var machine: PatternMachine?

  init(_ pattern: Pattern) { self.pattern = pattern }

  mutating func forEachMatch(
    in bytes: UnsafeBufferPointer<UInt8>, _ body: (Range<Int>) -> Void
  ) {
    if let scanner = pattern.scanner {
      scanner.forEachPiece(in: bytes, body)
      return
    }
    if machine == nil { machine = pattern.program.map(PatternMachine.init) }
    machine?.forEachMatch(in: bytes, body)
  }
}
