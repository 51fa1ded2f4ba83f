import Foundation
import ReelLayers
import ReelSequence
import ReelTensor
import ReelTestSupport
import Testing

/// The decoder against its equations in Doubles, and its gradients against finite differences.
struct DecoderOracleTests {
  @Test(arguments: AttentionKind.allCases)
  func equalsTheEquations(_ attention: AttentionKind) {
    for cell in [RecurrentCellKind.rnn, .lstm] {
      let test = DecoderCase(cell, attention, sourceLengths: [3, 0, 2], targetLengths: [1, 2, 3])
      let inputs = test.parameters.map(\.tensor)
      let paths = test.parameters.map(\.path)
      let found = problems(
        "decoder, \(cell.rawValue), \(attention.rawValue)",
        // The scores' parameters do not enter h̃.
        inputs.indices.filter { !paths[$0].hasPrefix("decoder.head") }.map { inputs[$0] },
        samples: 24,
        operation: { x in
          var copy = test
          var next = 0
          copy.updateParameters { path, parameter in
            guard !path.hasPrefix("decoder.head") else { return }
            parameter = x[next]
            next += 1
          }
          var none: RandomGenerator?
          return copy.decoder(
            TokenSequences(test.tokens), memory: copy.decoder.memory(of: copy.sequences),
            state: copy.state, using: &none
          ).attentional.values
        },
        oracle: { x in
          var parameters: [String: DoubleTensor] = [:]
          for (path, value) in zip(paths.filter { !$0.hasPrefix("decoder.head") }, x) {
            parameters[path] = value
          }
          return Self.oracle(test, cell, attention, parameters)
        })
      #expect(found == [])
    }
  }

  /// h̃ of every step, in the order in which the steps are stored.
  private static func oracle(
    _ test: DecoderCase, _ cell: RecurrentCellKind, _ attention: AttentionKind,
    _ p: [String: DoubleTensor]
  ) -> DoubleTensor {
    let layout = SequenceLayout(lengths: test.tokens.map(\.count))
    let sources = SequenceLayout(lengths: test.sourceLengths)
    let encoded = p["encoded"]!
    let size = encoded.shape[1]
    var rows: [[[Double]]] = []
    for (row, tokens) in test.tokens.enumerated() {
      let memory = sources.storedRows(of: row).map {
        AttentionOracle.rows(encoded, Int($0)..<Int($0) + 1)[0]
      }
      func initial(_ component: Int) -> [Double] {
        p["state.0.\(component)"].map { AttentionOracle.rows($0, row..<row + 1)[0] } ?? []
      }
      var hidden = initial(0)
      var memoryCell = initial(1)
      var fed = [Double](repeating: 0, count: 5)
      var steps: [[Double]] = []
      for token in tokens {
        let id = Int(token)
        let x = AttentionOracle.rows(p["decoder.embedding.weight"]!, id..<id + 1)[0] + fed
        let a = sum([
          AttentionOracle.product(p["decoder.recurrent.weight_ih_l0"]!, x),
          AttentionOracle.product(p["decoder.recurrent.weight_hh_l0"]!, hidden),
          p["decoder.recurrent.bias_ih_l0"]!.values, p["decoder.recurrent.bias_hh_l0"]!.values,
        ])
        if cell == .rnn {
          hidden = a.map { tanh($0) }
        } else {
          func sigmoid(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
          for unit in 0..<6 {
            memoryCell[unit] =
              sigmoid(a[6 + unit]) * memoryCell[unit] + sigmoid(a[unit]) * tanh(a[12 + unit])
            hidden[unit] = sigmoid(a[18 + unit]) * tanh(memoryCell[unit])
          }
        }
        let parameters = ["memory.weight", "query.weight", "vector"].compactMap {
          p["decoder.attention." + $0]
        }
        let context = AttentionOracle.attention(
          attention.rawValue, hidden, memory, parameters, size: size
        ).context
        fed = AttentionOracle.product(p["decoder.combination.weight"]!, context + hidden).map {
          tanh($0)
        }
        steps.append(fed)
      }
      rows.append(steps)
    }
    var values: [Double] = []
    for time in 0..<layout.longest {
      for place in 0..<layout.active[time] { values += rows[layout.order[place]][time] }
    }
    return DoubleTensor([layout.total, 5], values)
  }

  private static func sum(_ terms: [[Double]]) -> [Double] {
    terms.dropFirst().reduce(terms[0]) { sum, term in zip(sum, term).map { $0 + $1 } }
  }
}
