export { type OnnxOptions, onnx } from './onnx';
export { plugin } from './plugin';
