export { type ExplainOptions, type Explanation, explain, type PassSummary } from './explain/explain';
export { type ExportOnnxOptions, exportOnnx } from './export/exportOnnx';
export type { EncoderFacts, ExportedPreprocessing } from './export/metadata';
export { readOnnxMetadata } from './export/readOnnxMetadata';
export { type OnnxVerification, type VerifyOnnxOptions, verifyOnnx } from './export/verifyOnnx';
export { microBatchBytes, type OnnxOptions, onnx } from './onnx';
export { type PassName, passNames, requirePassNames } from './passes/passNames';
export { plugin } from './plugin';
export type { OnnxProvider } from './runtime/providers';
