/** Why a kernel of tfjs has no lowering, and what to write instead. */
export interface Refusal {
  /** Ends a sentence that names the kernel: "…, because ⟨reason⟩". */ readonly reason: string;
  readonly fix: string;
}

const complexNumbers: Refusal = {
  reason: 'it computes with complex numbers',
  fix: 'Write the transform as a matMul with a DFT matrix: one of cosines and one of sines.',
};
const text: Refusal = {
  reason: 'it computes with text',
  fix: 'Tokenise in the data pipeline, and give the step numbers.',
};
const sizeFromValues: Refusal = {
  reason: 'the size of its result depends on values',
  fix: 'Keep a fixed size: weights of 0 for what does not count, or indices as an input of the step.',
};
const pixels: Refusal = {
  reason: 'it works on canvases and image elements',
  fix: 'Do it outside of the step: pixels come in as an input and leave as an output.',
};
const augmentation: Refusal = {
  reason: 'ONNX has no operator for it',
  fix: 'Transform images in the view pipeline, before the step.',
};
const morphology: Refusal = { reason: 'ONNX has no operator for it', fix: 'Use tf.maxPool.' };
const responses: Refusal = { reason: 'its gradient has no ONNX operator', fix: 'Use batch-norm or layer-norm.' };
const notCalled: Refusal = {
  reason: 'no op of tfjs calls it',
  fix: 'Call the op of tfjs, which is made of other kernels.',
};

/** Kernels without a lowering, by the name that tfjs gives them. */
export const refused: Readonly<Record<string, Refusal>> = {
  BitwiseAnd: {
    reason: 'ONNX has bitwise operators from opset 18 only',
    fix: 'Keep flags in boolean tensors, and combine these with tf.logicalAnd.',
  },
  BroadcastArgs: {
    reason: 'its result is a shape',
    fix: 'Shapes are known while the step is written: work them out in JavaScript.',
  },
  BroadcastTo: notCalled,
  Complex: complexNumbers,
  ComplexAbs: complexNumbers,
  CropAndResize: {
    reason: 'ONNX has no operator for it',
    fix: 'Crop in the view pipeline, or with tf.slice and tf.image.resizeBilinear.',
  },
  Dilation2D: morphology,
  Dilation2DBackpropFilter: morphology,
  Dilation2DBackpropInput: morphology,
  Draw: pixels,
  FFT: complexNumbers,
  FromPixels: pixels,
  IFFT: complexNumbers,
  Imag: complexNumbers,
  LRN: responses,
  LRNGrad: responses,
  LogSoftmax: notCalled,
  LogicalXor: notCalled,
  LowerBound: notCalled,
  MatrixBandPart: notCalled,
  Multinomial: {
    reason: 'it draws random numbers, which would be the same at every step',
    fix: 'Add Gumbel noise, −log(−log(u)) with u from step.random.uniform, to the logits and take tf.argMax.',
  },
  NonMaxSuppressionV3: sizeFromValues,
  NonMaxSuppressionV4: sizeFromValues,
  NonMaxSuppressionV5: sizeFromValues,
  Pool: notCalled,
  RaggedGather: sizeFromValues,
  RaggedRange: sizeFromValues,
  RaggedTensorToTensor: sizeFromValues,
  Real: complexNumbers,
  RotateWithOffset: augmentation,
  SparseFillEmptyRows: sizeFromValues,
  SparseReshape: sizeFromValues,
  SparseSegmentMean: sizeFromValues,
  SparseSegmentSum: sizeFromValues,
  StaticRegexReplace: text,
  StringNGrams: text,
  StringSplit: text,
  StringToHashBucketFast: text,
  Transform: augmentation,
  Unique: sizeFromValues,
  UpperBound: notCalled,
};
