import ReelTraining

extension ClassificationEvaluation: TaskEvaluation {
  public var score: Double { accuracy }
  public var figures: [(name: String, value: Double)] {
    [
      ("accuracy", accuracy), ("macro_f1", macroF1), ("balanced_error_rate", balancedErrorRate),
      ("loss", loss),
    ]
  }
}

extension RegressionEvaluation: TaskEvaluation {
  public var score: Double { determination }
  public var figures: [(name: String, value: Double)] {
    [
      ("r2", determination), ("mean_squared_error", meanSquaredError),
      ("mean_absolute_error", meanAbsoluteError),
    ]
  }
}

extension SegmentationEvaluation: TaskEvaluation {
  public var score: Double { meanIntersectionOverUnion }
  public var figures: [(name: String, value: Double)] {
    [("mean_iou", meanIntersectionOverUnion), ("pixel_accuracy", pixelAccuracy), ("loss", loss)]
  }
}

extension LocalizationEvaluation: TaskEvaluation {
  public var score: Double { accuracy }
  public var figures: [(name: String, value: Double)] {
    [
      ("accuracy", accuracy), ("class_accuracy", classAccuracy),
      ("mean_iou", meanIntersectionOverUnion), ("loss", loss),
    ]
  }
}
