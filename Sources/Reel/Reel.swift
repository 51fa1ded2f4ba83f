// One import for everything: `import Reel`.
@_exported import ReelFormats
@_exported import ReelLayers
@_exported import ReelSequence
@_exported import ReelTensor
@_exported import ReelText
@_exported import ReelTraining
@_exported import ReelVision
