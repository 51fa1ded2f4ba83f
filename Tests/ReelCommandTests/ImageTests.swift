import Foundation
import Reel
import Testing

@Suite struct ImageTests {
  /// A folder of drawn digits, 12 by 12, in folders of their classes.
  private func digits(_ count: Int, in folder: TestFolder, _ name: String) throws -> LabelledImages
  {
    var generator = RandomGenerator(seed: 21)
    let set = DrawnDigits(size: 12).labelledImages(count, using: &generator)
    try set.write(to: folder.file(name))
    return set
  }

  private func scenes(_ count: Int, stream: UInt64 = 0) -> (SegmentedImages, LocatedObjects) {
    var generator = RandomGenerator(seed: 22, stream: stream)
    let scenes = SyntheticScenes(height: 16, width: 16)
    return (
      scenes.segmented(count, using: &generator), scenes.located(count, using: &generator)
    )
  }

  private func train(
    _ data: String, _ output: String, _ more: [String] = [], in folder: TestFolder
  ) throws -> ToolResult {
    try Tool.run(
      [
        "train", "images", "--data", folder.file(data), "--output", folder.file(output),
        "--batch", "16",
      ] + more, in: folder)
  }

  @Test func trainClassifyEvaluateDescribe() throws {
    let folder = try TestFolder()
    let set = try digits(120, in: folder, "digits")
    let trained = try train(
      "digits", "model", ["--epochs", "3", "--shift", "1", "--json"], in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    #expect(trained.error.contains("lenet-5-modern, images of 1 by 12 by 12, 10 classes"))
    let result = try trained.json()
    let counts = ["training_examples", "validation_examples"].compactMap { result[$0] as? Int }
    #expect(counts.count == 2 && counts[1] > 5 && counts.reduce(0, +) == 120)
    #expect(result["epochs"] as? Int == 3)
    for key in ["accuracy", "error_rate", "balanced_error_rate", "loss", "confusion"] {
      #expect(result[key] != nil, "\(key)")
    }
    let model = folder.file("model")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: model).sorted() == [
        "checkpoint.safetensors", "config.json", "model.safetensors",
      ])
    let evaluate = ["evaluate", "--model", model, "--corpus", folder.file("digits")]
    let accuracy = try Tool.run(evaluate + ["--json"], in: folder).json()["accuracy"]
    #expect(try #require(accuracy as? Double) > 0.3)
    #expect(try Tool.run(evaluate, in: folder).output.contains("120 images in"))

    let described = try Tool.run(["describe", model, "--json"], in: folder).json()
    #expect(described["kind"] as? String == "reel-image-classifier")
    #expect(described["parameters"] as? Int == result["parameters"] as? Int)
    #expect((described["classes"] as? [String])?.count == 10)
    #expect(try Tool.run(["describe", model], in: folder).output.contains("receptive field"))

    let files = (0..<3).map { folder.file("image\($0).png") }
    for (index, file) in files.enumerated() { try set.image(index).write(to: file) }
    let answers = try Tool.run(["classify-images", "--model", model] + files, in: folder)
    #expect(answers.code == 0 && answers.error == "" && answers.outputLines.count == 3)
    let lone = try ImageClassifier(folder: model).classify(set.image(1))
    let cells = answers.outputLines[1].split(separator: "\t").map { String($0) }
    #expect(cells == [files[1], lone.label, String(format: "%.4f", Double(lone.probability))])
    let objects = try Tool.run(
      ["classify-images", "--model", model, "--model", model, "--mirror", "--json", files[0]],
      in: folder
    ).jsonLines()
    let all = try #require(objects[0]["probabilities"] as? [String: Double])
    #expect(all.count == 10 && abs(all.values.reduce(0, +) - 1) < 1e-4)
    let five = try Tool.run(
      ["classify-images", "--model", model, "--top", "5", files[0]], in: folder)
    #expect(five.outputLines[0].split(separator: "\t").count == 11)
  }

  @Test func resumeIsTheStraightRun() throws {
    let folder = try TestFolder()
    _ = try digits(40, in: folder, "digits")
    #expect(try train("digits", "straight", ["--epochs", "2"], in: folder).code == 0)
    // The schedule knows the whole length, so a training that is cut off and not a shorter one.
    let more = ["--epochs", "2", "--schedule", "constant"]
    #expect(try train("digits", "long", more, in: folder).code == 0)
    let short = ["--epochs", "1", "--schedule", "constant"]
    #expect(try train("digits", "short", short, in: folder).code == 0)
    let resumed = try train("digits", "short", ["--resume", "--epochs", "2"], in: folder)
    #expect(resumed.code == 0, "\(resumed.error)")
    func weights(_ name: String) throws -> Data {
      try Data(contentsOf: URL(fileURLWithPath: folder.file("\(name)/model.safetensors")))
    }
    #expect(try weights("short") == weights("long"))
    let resume = [
      "train", "images", "--data", folder.file("digits"), "--output", folder.file("short"),
      "--resume",
    ]
    try Tool.expectError(
      64, "architecture vgg-11", "lenet-5-modern", from: resume + ["--architecture", "vgg-11"],
      in: folder)
    try Tool.expectError(
      64, "rotation 5", "cannot change", from: resume + ["--rotation", "5"], in: folder)
    try Tool.expectError(
      64, "window 10,10", "none", from: resume + ["--window", "10,10"], in: folder)
  }

  @Test func transfer() throws {
    let folder = try TestFolder()
    let set = try digits(40, in: folder, "digits")
    #expect(try train("digits", "old", ["--epochs", "1"], in: folder).code == 0)
    let even = LabelledImages(
      shape: set.shape, classes: ["even", "odd"],
      examples: set.examples.map { .init(pixels: $0.pixels, target: $0.target % 2) })
    try even.write(to: folder.file("even"))
    let trained = try train(
      "even", "new", ["--epochs", "1", "--from", folder.file("old"), "--freeze", "all-but-head"],
      in: folder)
    #expect(trained.code == 0 && trained.error.contains("4 layers frozen"), "\(trained.error)")
    let (old, new) = (
      try ImageClassifier(folder: folder.file("old")),
      try ImageClassifier(folder: folder.file("new"))
    )
    #expect(new.configuration.classes == ["even", "odd"])
    #expect(new.network.parameters[0].tensor == old.network.parameters[0].tensor)
    let from = [
      "train", "images", "--data", folder.file("even"), "--output", folder.file("x"), "--from",
      folder.file("old"),
    ]
    try Tool.expectError(1, "conv9", from: from + ["--freeze", "conv9"], in: folder)
    try Tool.expectError(64, "--from", from: from + ["--architecture", "vgg-11"], in: folder)
  }

  @Test func segment() throws {
    let folder = try TestFolder()
    let (training, test) = (scenes(24).0, scenes(6, stream: 1).0)
    try training.write(to: folder.file("scenes/train"))
    try test.write(to: folder.file("scenes/test"))
    let trained = try train("scenes", "model", ["--epochs", "2", "--json"], in: folder)
    #expect(trained.code == 0 && trained.error.contains("u-net-small"), "\(trained.error)")
    let result = try trained.json()
    #expect(result["mean_iou"] as? Double != nil && result["pixel_accuracy"] as? Double != nil)
    let model = folder.file("model")
    let evaluated = try Tool.run(
      ["evaluate", "--model", model, "--corpus", folder.file("scenes"), "--json"], in: folder
    ).json()
    #expect(evaluated["examples"] as? Int == 6)
    let classes = try #require(evaluated["per_class"] as? [String: Any])
    #expect(classes.keys.sorted() == ["background", "circle", "square", "triangle"])

    let (image, mask) = (folder.file("scenes/test/images/2.png"), folder.file("mask.png"))
    let segment = ["segment", "--model", model, image, "--output", mask]
    let said = try Tool.run(segment, in: folder)
    #expect(said.code == 0 && said.output.contains("background"), "\(said.error)")
    #expect(
      try PNGImage.labels(path: mask)
        == ImageSegmenter(folder: model).segment(PNGImage(path: image)))
    let shares = try Tool.run(segment + ["--mirror", "--colors", "--json"], in: folder).json()
    let parts = try #require(shares["shares"] as? [String: Double])
    #expect(abs(parts.values.reduce(0, +) - 1) < 1e-9)
    #expect(try PNGImage(path: mask).channels == .rgb)
    let odd = folder.file("odd.png")
    try PNGImage(width: 17, height: 16, channels: .grey, bytes: .init(repeating: 9, count: 272))
      .write(to: odd)
    try Tool.expectError(
      1, "odd.png: an image of 1 by 16 by 17",
      from: ["segment", "--model", model, odd, "--output", mask], in: folder)
    try Tool.expectError(
      1, "holds an image segmenter", from: ["classify-images", "--model", model, image],
      in: folder)
  }

  @Test func locate() throws {
    let folder = try TestFolder()
    let set = scenes(30).1
    try set.write(to: folder.file("things"))
    let trained = try train(
      "things", "model", ["--epochs", "1", "--json", "--architecture", "lenet-5-modern"],
      in: folder)
    #expect(trained.code == 0, "\(trained.error)")
    #expect(try trained.json()["class_accuracy"] as? Double != nil)
    let answer = try Tool.run(
      ["classify-images", "--model", folder.file("model"), folder.file("things/images/00.png")],
      in: folder)
    #expect(answer.code == 0 && answer.outputLines[0].split(separator: "\t").count == 7)
    try Tool.expectError(
      1, "an image classifier", "an image localizer is expected",
      from: [
        "train", "images", "--data", folder.file("things"), "--output", folder.file("x"),
        "--from", try classifier(in: folder),
      ], in: folder)
  }

  private func classifier(in folder: TestFolder) throws -> String {
    let set = try digits(20, in: folder, "few")
    try ImageClassifier(
      images: set, configuration: ImageConfiguration(architecture: "lenet-5-modern")
    ).save(to: folder.file("classifier"))
    return folder.file("classifier")
  }

  @Test func badInputIsOneLine() throws {
    let folder = try TestFolder()
    let model = try classifier(in: folder)
    let good = folder.file("few/3")
    let file = good + "/" + (try FileManager.default.contentsOfDirectory(atPath: good)[0])
    let bytes = try Data(contentsOf: URL(fileURLWithPath: file))
    let broken = try folder.write(Array(bytes.prefix(60)), to: "broken.png")
    let wide = folder.file("wide.png")
    try PNGImage(width: 14, height: 12, channels: .grey, bytes: .init(repeating: 9, count: 168))
      .write(to: wide)
    let colored = folder.file("colored.png")
    try PNGImage(width: 12, height: 12, channels: .rgb, bytes: .init(repeating: 9, count: 432))
      .write(to: colored)
    let classify = ["classify-images", "--model", model]
    try Tool.expectError(1, "broken.png", "60 bytes", from: classify + [broken], in: folder)
    try Tool.expectError(
      1, "1 by 12 by 14", "1 by 12 by 12", from: classify + [wide], in: folder)
    try Tool.expectError(
      1, "3 by 12 by 12", "1 by 12 by 12", from: classify + [colored], in: folder)
    // The others are answered.
    let mixed = try Tool.run(classify + [broken, file, "--json"], in: folder)
    #expect(mixed.code == 1 && mixed.errorLines.count == 1)
    let objects = try mixed.jsonLines()
    #expect(objects[0]["error"] != nil && objects[1]["label"] != nil)

    func train(_ code: Int32, _ words: String, data: String, _ more: [String] = []) throws {
      try Tool.expectError(
        code, words,
        from: ["train", "images", "--data", data, "--output", folder.file("new")] + more,
        in: folder)
    }
    try train(1, "no folder of images", data: folder.file("nothing"))
    try train(64, "resnet-50", data: folder.file("few"), ["--architecture", "resnet-51"])
    try train(64, "rotation", data: folder.file("few"), ["--rotation", "-3"])
    try train(1, "layer", data: folder.file("few"), ["--architecture", "alexnet"])
    try train(1, "vector", data: folder.file("few"), ["--architecture", "recurrent-labelling"])
    _ = try PNGImage(path: wide).write(to: folder.file("few/4/wide.png"))
    try train(1, "wide.png: an image of 1 by 12 by 14", data: folder.file("few"))

    // MNIST's files, cut short, and with a class that classes.txt does not have.
    let idx = folder.file("idx")
    try FileManager.default.createDirectory(atPath: idx, withIntermediateDirectories: true)
    let images = IDXArray(
      shape: [20, 12, 12], unsignedBytes: (0..<2880).map { UInt8($0 % 251) })
    try images.write(to: idx + "/train-images-idx3-ubyte")
    try IDXArray(shape: [20], unsignedBytes: (0..<20).map { UInt8($0 % 4) })
      .write(to: idx + "/train-labels-idx1-ubyte")
    try "a\nb\nc\n".write(toFile: idx + "/classes.txt", atomically: true, encoding: .utf8)
    try train(1, "label 3 of image 3, expected a class from 0 to 2", data: idx)
    let whole = try Data(contentsOf: URL(fileURLWithPath: idx + "/train-images-idx3-ubyte"))
    try whole.prefix(900).write(to: URL(fileURLWithPath: idx + "/train-images-idx3-ubyte"))
    try train(1, "shape [20, 12, 12]", data: idx)
  }
}
