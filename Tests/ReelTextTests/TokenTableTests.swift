import ReelText
import Testing

@Suite struct TokenTableTests {
  /// Different tokens of all lengths, some of which share their first and last eight bytes.
  static func tokens(_ count: Int) -> [[UInt8]] {
    var generator = TestGenerator(state: 3)
    var seen = Set<[UInt8]>()
    var tokens: [[UInt8]] = [[], [0], [0, 0], [0, 0, 0]]
    seen.formUnion(tokens)
    while tokens.count < count {
      let length = Int.random(in: 1...40, using: &generator)
      let isSparse = Bool.random(using: &generator)
      let token = (0..<length).map { position -> UInt8 in
        isSparse && position != length / 2 ? 0x61 : UInt8.random(in: 0...255, using: &generator)
      }
      if seen.insert(token).inserted { tokens.append(token) }
    }
    return tokens
  }

  @Test(arguments: [0, 1, 7, 8, 9, 5000])
  func everyTokenIsFoundAndNoOther(count: Int) throws {
    let all = Self.tokens(count + 2000)
    let table = try TokenTable(Array(all.prefix(count)))
    #expect(table.count == count)
    for (id, token) in all.enumerated() {
      #expect(table.id(of: token) == (id < count ? Int32(id) : nil))
    }
    for id in 0..<count {
      #expect(table.bytes(of: Int32(id)) == all[id])
      #expect(table.length(of: Int32(id)) == all[id].count)
      #expect(table.withBytes(of: Int32(id)) { Array($0) } == all[id])
    }
  }

  @Test func appendsAfterWhatIsThere() throws {
    let table = try TokenTable([Array("ab".utf8), Array("c".utf8)])
    var bytes: [UInt8] = [0x2D]
    for id: Int32 in [1, 0, 1] { table.append(id, to: &bytes) }
    #expect(bytes == Array("-cabc".utf8))
  }

  @Test func refusesATokenThatComesTwice() {
    let tokens = ["a", "über", "b", "über"].map { Array($0.utf8) }
    #expect(
      errorText { _ = try TokenTable(tokens) }
        == "token 'über' comes twice, as id 1 and as id 3, expected every token once")
  }
}
