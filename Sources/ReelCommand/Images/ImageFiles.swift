import Reel

/// Reads the files of a command line one by one; what is wrong with one does not keep the others.
enum ImageFiles {
  /// Calls `answer` with the samples of each file, or `problem` with what is wrong with it, which is
  /// named on standard error too.
  ///
  /// - Returns: whether all could be read.
  static func each(
    _ files: [String], of model: some ImageModel, answer: (String, PNGImage) throws -> Void,
    problem: (String, String) throws -> Void
  ) throws -> Bool {
    var isWell = true
    for file in files {
      let image: PNGImage
      do {
        image = try PNGImage(path: file)
        _ = try model.samples(of: image, named: file)
      } catch {
        isWell = false
        StandardStreams.writeError("Error: \(CommandError("\(error)").description)\n")
        try problem(file, "\(error)")
        continue
      }
      try answer(file, image)
    }
    return isWell
  }
}
