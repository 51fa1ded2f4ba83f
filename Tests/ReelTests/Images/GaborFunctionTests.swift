import Foundation
import Reel
import Testing

@Suite struct GaborFunctionTests {
  @Test func aGaborFunctionIsFoundAgain() {
    let function = GaborFunction(
      orientation: .pi / 4, wavelength: 6.75, phase: 0.8, deviation: 1.98)
    let kernel = function.kernel(height: 9, width: 9)
    let (found, correlation) = GaborFunction.fitting(kernel)
    #expect(correlation > 0.999)
    #expect(abs(found.orientation - .pi / 4) < 1e-9 && found.wavelength == 6.75)
    #expect(abs(found.phase - 0.8) < 0.01, "\(found.phase)")
    // By the equation, one pixel right of the middle.
    let along = cos(Double.pi / 4)
    let bell = exp(-(along * along + 0.49 * along * along) / (2 * 1.98 * 1.98))
    let value = bell * cos(2 * .pi * along / 6.75 + 0.8)
    #expect(abs(Double(kernel[4, 5]) - value) < 1e-6)
  }

  @Test func noiseIsLessLikeOne() {
    var generator = RandomGenerator(seed: 2)
    let noise = generator.normal(shape: [9, 9])
    #expect(GaborFunction.fitting(noise).correlation < 0.8)
    #expect(GaborFunction.fitting(Tensor(zeros: [5, 5])).correlation == 0)
  }

  @Test func kernelsAsPictures() {
    let image = PNGImage.signed(Tensor(shape: [1, 3], values: [-2, 0, 1]))
    #expect(image.bytes == [0, 128, 191])
  }
}
