import ReelTensor

/// Runs a trained network one time step at a time, for one sequence, at the cost of its arithmetic:
/// everything is laid out beforehand, nothing is allocated and nothing is recorded. For generation.
///
/// A step reads a row: whatever of the step depends on its input alone, which for tokens is computed
/// once and looked up. Of a recurrent network it is the first layer's input projection
/// W_ih·x + b_ih + b_hh.
protocol SequenceStepper: AnyObject {
  /// The output after the last step; valid until the next one.
  var output: UnsafePointer<Float> { get }

  /// The state after the last step, of a batch of 1.
  var state: [Tensor] { get }

  /// Values of a row.
  var rowSize: Int { get }

  /// The row of each of `inputs` [n, in] → [n, rowSize].
  func rows(of inputs: Tensor) -> Tensor

  /// The same of every one-hot row: [in, rowSize].
  var oneHotRows: Tensor { get }

  /// One step.
  func step(row: UnsafePointer<Float>)
}
