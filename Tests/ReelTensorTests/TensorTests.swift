import ReelTensor
import Testing

@Suite struct TensorTests {
  @Test func shapesAndCounts() {
    #expect(Tensor(3).shape == [] && Tensor(3).count == 1 && Tensor(3).rank == 0)
    #expect(Tensor(zeros: [2, 0, 3]).count == 0)
    #expect(Tensor(zeros: [2, 0, 3]).values == [])
    #expect(Tensor(repeating: 2, shape: [2, 2]).values == [2, 2, 2, 2])
    #expect(Tensor(shape: [1, 1], values: [8]).scalar == 8)
  }

  @Test func subscriptIsRowMajor() {
    let x = Tensor(shape: [2, 3, 4], values: (0..<24).map(Float.init))
    #expect(x[0, 0, 0] == 0 && x[1, 2, 3] == 23 && x[1, 0, 2] == 14)
    #expect(Tensor(5)[] == 5)
  }

  @Test func equality() {
    let x = Tensor(shape: [2], values: [1, 2])
    #expect(x == Tensor(shape: [2], values: [1, 2]))
    #expect(x != Tensor(shape: [1, 2], values: [1, 2]))
    #expect(x != Tensor(shape: [2], values: [1, 3]))
    let notANumber = Tensor(Float.nan)
    #expect(notANumber != notANumber)
  }

  @Test func descriptionIsShort() {
    #expect(Tensor(shape: [2], values: [1, 2]).description == "Tensor[2] [1.0, 2.0]")
    #expect(Tensor(zeros: [1000]).description.count < 100)
  }

  @Test func misuseEndsTheProgram() async {
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, -1]) }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2]).scalar }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3])[0, 3] }
    await #expect(processExitsWith: .failure) { _ = Tensor(zeros: [2, 3])[0] }
  }
}
