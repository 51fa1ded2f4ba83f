/// What is printed; the names are those of the peers. What a kind of work has not is left out.
struct Report: Encodable {
  let task: String
  let cell: String?
  let tcn: String?
  let conv: String?
  let network: String?
  let input: Int?
  let hidden: Int?
  let layers: Int?
  let batch: Int
  let steps: Int?
  let bidirectional: Bool?
  let ragged: Bool?
  let vocabulary: Int?
  let window: Int?
  let recomputed: Int?
  let kernel: Int?
  let length: Int?
  let outputs: Int?
  let every_step: Bool?
  let beam: Int?
  let threads: Int
  let milliseconds: Double
  let minimum: Double
  let maximum: Double
  let repeats: Int
  /// Of one unit of work, in the matrix products and convolutions.
  let operations: Double
  let gflops: Double
  let multiply_add_limit_gflops: Double
  let share_of_limit: Double
  let allocations_per_step: Int
  /// Of tensors.
  let peak_bytes: Int
  /// Of the whole process, since before the work was made.
  let peak_growth_bytes: Int?
  /// What of that are pages of files: code and constants that the work was the first to touch.
  let file_growth_bytes: Int?
  let parameters: Int?
  /// Of the last repetition; two ways to the same gradients have the same.
  let loss: Float?
  /// What was decoded of the first source.
  let answer: [Int32]?
  let log_probability: Double?
  let instruction_set: String
  let precision: String
  let weights: String
}
