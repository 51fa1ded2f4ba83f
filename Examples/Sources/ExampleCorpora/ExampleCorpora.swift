import Foundation

/// Finds the corpora of this repository, which lie beside the package of the examples.
public enum ExampleCorpora {
  /// A corpus that comes with Reel, such as "sentiment/train.tsv".
  public static func committed(_ file: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../corpora/\(file)").standardizedFileURL.path
  }

  /// A file of a corpus that `corpora/get` fetches, such as "conll2003/train.txt".
  ///
  /// - Throws: one line that says how to fetch it, where it is not there.
  public static func fetched(_ file: String, of corpus: String) throws -> String {
    let path = committed(".cache/\(file)")
    guard FileManager.default.fileExists(atPath: path) else {
      throw MissingCorpus(name: corpus, path: path)
    }
    return path
  }

  /// The folder of a corpus of images that `corpora/get` fetches: mnist or fashion-mnist.
  ///
  /// - Throws: as `fetched(_:of:)`.
  public static func images(_ corpus: String) throws -> String {
    let file = try fetched("\(corpus)/train-images-idx3-ubyte", of: corpus)
    return URL(fileURLWithPath: file).deletingLastPathComponent().path
  }
}

/// A corpus that was not fetched.
public struct MissingCorpus: Error, CustomStringConvertible {
  let name: String
  let path: String

  public var description: String {
    "the corpus \(name) has not been fetched ('\(path)' is missing): run corpora/get \(name)"
  }
}
