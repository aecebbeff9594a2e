export { type ExportOnnxOptions, exportOnnx } from './export/exportOnnx';
export { type OnnxVerification, type VerifyOnnxOptions, verifyOnnx } from './export/verifyOnnx';
export { type OnnxOptions, onnx } from './onnx';
export { plugin } from './plugin';
