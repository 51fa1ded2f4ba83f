import Reel

/// Every hyper-parameter of a training. The defaults for the TCN are those of the appendix of Bai,
/// Kolter and Koltun (2018), arXiv:1803.01271, table 2, and of the published defaults of its authors
/// where the appendix says nothing (rates, batches); recurrent networks get the TCN's number of
/// parameters. Adding at the published rate of 4e-3 without clipping learned nothing in an epoch
/// here; half of it, clipped, does.
struct Recipe: Encodable {
  var hidden: Int?
  var layers: Int
  var kernel: Int
  /// Size of a recurrent network, whose `hidden` follows from it.
  var parameters: Int
  /// Between layers, and in the blocks of the TCN.
  var dropout: Float
  /// Of the encoder's output.
  var outputDropout: Float = 0
  /// Of the recurrent state (one mask a sequence).
  var recurrentDropout: Float = 0
  var optimizer: String
  var rate: Float
  var weightDecay: Float = 0
  /// Decay of the moving average of the weights that is evaluated; 0: the weights themselves.
  var average: Float = 0
  /// Global norm of the gradients; 0: not clipped.
  var clip: Float
  var schedule: RateSchedule
  var batch: Int
  var epochs: Int
  /// Of the tasks whose examples are drawn anew.
  var stepsPerEpoch: Int

  enum RateSchedule: String, Encodable, CaseIterable {
    case constant, linear, cosine, plateau
  }

  /// The task that the recipe is for, with what its size depends on.
  enum Kind {
    case chorales
    case adding(Int)
    case copying(Int)
    case pixels
  }

  init(_ kind: Kind, isTCN: Bool) {
    switch kind {
    case .chorales:
      self.init(
        hidden: 150, layers: 2, kernel: 3, parameters: 300_000, dropout: 0.5, optimizer: "adam",
        rate: 1e-3, clip: 0.4, schedule: .plateau, batch: 1, epochs: 100, stepsPerEpoch: 0)
      // Without dropout of the state too, recurrent networks of this size learn the pieces by heart.
      if !isTCN {
        (self.layers, dropout, outputDropout, recurrentDropout, clip) = (1, 0, 0.5, 0.3, 1)
      }
    case .adding(let length):
      let (hidden, layers, kernel) =
        length <= 200 ? (27, 7, 6) : length <= 400 ? (27, 7, 7) : (24, 8, 8)
      self.init(
        hidden: hidden, layers: layers, kernel: kernel, parameters: 70_000, dropout: 0,
        optimizer: "adam", rate: 2e-3, clip: 0.5, schedule: .cosine, batch: 32, epochs: 10,
        stepsPerEpoch: 1563)
      if !isTCN { (self.layers, clip) = (1, 1) }
    case .copying(let blanks):
      let (layers, kernel) = blanks <= 500 ? (9, 6) : blanks <= 1000 ? (8, 8) : (9, 8)
      self.init(
        hidden: 10, layers: layers, kernel: kernel, parameters: 16_000, dropout: 0,
        optimizer: "rmsprop", rate: 5e-4, clip: 1, schedule: .cosine, batch: 32, epochs: 20,
        stepsPerEpoch: 313)
      if !isTCN { self.layers = 1 }
    case .pixels:
      self.init(
        hidden: 25, layers: 8, kernel: 7, parameters: 70_000, dropout: 0, optimizer: "adam",
        rate: 2e-3, clip: 0, schedule: .cosine, batch: 64, epochs: 10, stepsPerEpoch: 0)
      if !isTCN { (layers, clip) = (1, 1) }
    }
    if !isTCN { hidden = nil }
  }

  private init(
    hidden: Int, layers: Int, kernel: Int, parameters: Int, dropout: Float, optimizer: String,
    rate: Float, clip: Float, schedule: RateSchedule, batch: Int, epochs: Int, stepsPerEpoch: Int
  ) {
    self.hidden = hidden
    self.layers = layers
    self.kernel = kernel
    self.parameters = parameters
    self.dropout = dropout
    self.optimizer = optimizer
    self.rate = rate
    self.clip = clip
    self.schedule = schedule
    self.batch = batch
    self.epochs = epochs
    self.stepsPerEpoch = stepsPerEpoch
  }
}
