export { encodeModel } from '../../src/emit/model';
export * from '../../src/graph/builder';
export * from '../../src/graph/graph';
