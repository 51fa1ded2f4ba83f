import Foundation
import ReelFormats
import ReelLayers
import ReelTensor

extension ModelFolder {
  /// - Throws: an error of one line where two paths are one folder.
  package static func checkAreDifferent(_ folder: String, _ output: String) throws {
    func canonical(_ path: String) -> String {
      URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
    }
    guard canonical(folder) != canonical(output) else {
      throw ModelFolderError("'\(output)' is the model itself: another folder is expected")
    }
  }

  /// What a conversion did.
  public struct Conversion: Sendable {
    public let kind: ModelKind
    /// The matrices that are held in the format now.
    public let matrices: Int
    /// The weights in them.
    public let weights: Int
    /// Bytes of the file of weights.
    public let bytesBefore: Int
    public let bytesAfter: Int
  }

  /// Writes a model again with the weights of its embeddings, recurrent and linear layers in a format
  /// (`Module.convertWeights(to:)`). Configuration and vocabularies are copied; the checkpoint of a
  /// training is not, since trainings need all bits.
  ///
  /// - Throws: an error of one line where `folder` is no model, its weights are not finite, or
  ///   `output` is the same folder or cannot be written.
  public static func convert(
    _ folder: String, weights format: WeightFormat, to output: String
  ) throws -> Conversion {
    let kind = try kind(of: folder)
    let manager = FileManager.default
    try checkAreDifferent(folder, output)
    let source = path(weightsName, in: folder)
    var (tensors, metadata) = try Safetensors.read(source)
    var (matrices, weights) = (0, 0)
    for (name, tensor) in tensors
    where format.applies(to: name, tensor) || format == .float32 && tensor.weightFormat != format {
      do { tensors[name] = try tensor.held(in: format) } catch {
        throw ModelFolderError("\(source): \(name): \(error)")
      }
      matrices += 1
      weights += tensor.count
    }
    do {
      try manager.createDirectory(atPath: output, withIntermediateDirectories: true)
    } catch {
      throw ModelFolderError(
        "cannot make the folder '\(output)': \((error as NSError).localizedDescription)")
    }
    let left = [weightsName, checkpointName]
    let names = ((try? manager.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    for name in names where !left.contains(name) && !name.hasPrefix(".") {
      var isFolder: ObjCBool = false
      let file = path(name, in: folder)
      guard manager.fileExists(atPath: file, isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      guard let content = manager.contents(atPath: file) else {
        throw ModelFolderError("cannot read '\(file)'")
      }
      try AtomicFile.write(content, to: path(name, in: output))
    }
    let target = path(weightsName, in: output)
    try Safetensors.write(tensors, metadata: metadata, to: target)
    func size(_ path: String) -> Int {
      let attributes = try? manager.attributesOfItem(atPath: path)
      return (attributes?[.size] as? NSNumber)?.intValue ?? 0
    }
    return Conversion(
      kind: kind, matrices: matrices, weights: weights, bytesBefore: size(source),
      bytesAfter: size(target))
  }
}
