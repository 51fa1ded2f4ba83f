import CReelKernels
import Testing

/// What becomes of the values of planes, part by part, against the same on single values.
@Suite struct PlaneFinishTests {
  /// Which parts take part.
  private static let parts: [(name: String, parts: Set<String>)] = [
    ("nothing", []), ("bias", ["bias"]), ("rectifier", ["bias", "rectified", "signs"]),
    ("dropout", ["bias", "rectified", "mask", "signs"]),
    ("end of a block", ["bias", "rectified", "mask", "residual", "signs"]),
    ("end of a block, unwatched", ["rectified", "residual"]),
    ("way back", ["gate", "mask"]), ("both bits", ["gate", "both"]),
    ("sum on the way back", ["added", "gate", "mask"]), ("shortcut", ["passed"]),
  ]

  @Test(arguments: KernelSet.available)
  func parts(_ set: KernelSet) {
    var generator = TestGenerator(seed: 33)
    for (channels, n, first, column, period) in [
      (1, 1, 0, 0, 1), (3, 16, 5, 7, 3), (5, 37, 2, 40, 16), (2, 0, 0, 0, 4), (4, 100, 11, 23, 40),
    ] {
      let (ld, ldx, ldmask) = (first + n + 3, n + 1, period + 16)
      for (name, parts) in Self.parts {
        let x = generator.matrix(channels, n, leadingDimension: ldx)
        let bias = generator.values(channels)
        let factors = generator.matrix(channels, period, leadingDimension: period)
        let mask = (0..<channels * ldmask).map {
          factors[$0 / ldmask * period + $0 % ldmask % period]
        }
        let added = generator.matrix(channels, first + n, leadingDimension: ld)
        let residual = generator.matrix(channels, first + n, leadingDimension: ld)
        let passed = generator.matrix(channels, first + n, leadingDimension: ld)
        let open = generator.values(channels * ld).map { UInt8(abs($0) * 3.99) }
        let bits = parts.contains("both") ? 3 : 1
        var y = [Float](repeating: .nan, count: channels * ld)
        var signs = [UInt8](repeating: 7, count: channels * ld)
        bias.withUnsafeBufferPointer { bias in
          mask.withUnsafeBufferPointer { mask in
            added.withUnsafeBufferPointer { added in
              residual.withUnsafeBufferPointer { residual in
                passed.withUnsafeBufferPointer { passed in
                  open.withUnsafeBufferPointer { open in
                    signs.withUnsafeMutableBufferPointer { signs in
                      func given<T>(_ part: String, _ pointer: T?) -> T? {
                        parts.contains(part) ? pointer : nil
                      }
                      var finish = reel_plane_finish(
                        bias: given("bias", bias.baseAddress),
                        rectified: parts.contains("rectified"),
                        added: given("added", added.baseAddress),
                        gate: reel_plane_gate(
                          signs: given("gate", open.baseAddress), bits: Int32(bits),
                          mask: given("mask", mask.baseAddress), ldmask: ldmask, period: period),
                        residual: given("residual", residual.baseAddress),
                        signs: given("signs", signs.baseAddress),
                        passed: given("passed", passed.baseAddress),
                        passed_signs: given("passed", open.baseAddress))
                      set.kernels.finish_planes(
                        channels, n, first, column, &finish, x, ldx, &y, ld)
                    }
                  }
                }
              }
            }
          }
        }
        for channel in 0..<channels {
          for i in 0..<n {
            let at = channel * ld + first + i
            var v = x[channel * ldx + i]
            if parts.contains("bias") { v += bias[channel] }
            if parts.contains("rectified") { v = max(v, 0) }
            if parts.contains("added") { v += added[at] }
            if parts.contains("gate"), Int(open[at]) & bits != bits { v = 0 }
            if parts.contains("mask") { v *= factors[channel * period + (column + i) % period] }
            let inner = v > 0
            if parts.contains("residual") { v = max(v + residual[at], 0) }
            if parts.contains("signs") {
              #expect(signs[at] == (inner ? 1 : 0) + (v > 0 ? 2 : 0), "\(set.name) \(name)")
            }
            if parts.contains("passed"), open[at] & 2 != 0 { v += passed[at] }
            #expect(y[at] == v, "\(set.name) \(name) \(channels)×\(n)")
          }
          for i in Array(0..<first) + Array(first + n..<ld) {
            let at = channel * ld + i
            #expect(y[at].isNaN && signs[at] == 7, "\(set.name) \(name)")
          }
        }
      }
    }
  }
}
