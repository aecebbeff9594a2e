import type { HostDtype, TensorSpec } from '@unlabel/core';
import { floatConstant, scalarConstant } from '../graph/builder';
import { type AttributeValue, dataType, type Value } from '../graph/graph';
import { broadcastShape, imageValue, type Lowered, plainValue } from '../graph/lowered';
import { dtypeAttribute, type Kernel, type KernelCall, type Kernels, type LoweringCall } from './kernel';

/** Applies an ONNX operator with broadcasting; the result has the dtype of the first value unless given. */
type Elements = (
  op: string,
  inputs: readonly Value[],
  dtype?: HostDtype,
  attributes?: Readonly<Record<string, AttributeValue>>,
) => Value;

/** A kernel that treats every element alike: it broadcasts, and runs in whichever layout its tensors are held. */
export function elementwise(
  names: readonly string[],
  formula: (apply: Elements, inputs: readonly Value[], call: LoweringCall) => Value,
  dtype?: HostDtype,
): Kernel {
  const tensors = <T extends TensorSpec>(call: KernelCall<T>) =>
    names.length > 0 ? names.map(call.input) : call.inputs;
  return {
    infer: (call) => {
      const inputs = tensors(call);
      return [
        {
          shape: broadcastShape(inputs.map((input) => input.shape)),
          dtype: dtype ?? inputs.at(-1)?.dtype ?? 'float32',
        },
      ];
    },
    lower: (call) => [applyElementwise(call, tensors(call), (apply, values) => formula(apply, values, call))],
  };
}

/** Brings tensors into one layout and computes a formula on their values. */
export function applyElementwise(
  call: LoweringCall,
  tensors: readonly Lowered[],
  formula: (apply: Elements, values: readonly Value[]) => Value,
): Lowered {
  const { builder, output } = call;
  const inImageOrder = output.shape.length === 4 && tensors.some((tensor) => tensor.inImageOrder);
  const inLayout = inImageOrder ? imageValue : plainValue;
  const apply: Elements = (op, inputs, dtype, attributes) => {
    const shape = broadcastShape(inputs.map((input) => input.shape));
    return builder.op(op, inputs, { dtype: dtype ?? inputs[0]?.dtype ?? 'float32', shape }, attributes);
  };
  const value = formula(
    apply,
    tensors.map((tensor) => inLayout(builder, tensor)),
  );
  return { ...output, value, inImageOrder };
}

const direct = (op: string, names: readonly string[] = ['x']) =>
  elementwise(names, (apply, inputs) => apply(op, inputs));
const compare = (op: string) => elementwise(['a', 'b'], (apply, inputs) => apply(op, inputs, 'bool'), 'bool');
const pair = ['a', 'b'];

/** Formula of one tensor; the kernel's input is called `x`. */
const unary = (formula: (apply: Elements, x: Value, call: LoweringCall) => Value, dtype?: HostDtype) =>
  elementwise(
    ['x'],
    (apply, inputs, call) => inputs.reduce((_, x) => formula(apply, x, call), floatConstant(0)),
    dtype,
  );

/** Formula of two tensors; the kernel's inputs are called `a` and `b` unless named. */
const binary = (formula: (apply: Elements, a: Value, b: Value, call: LoweringCall) => Value, names = pair) =>
  elementwise(names, (apply, [a = floatConstant(0), b = floatConstant(0)], call) => formula(apply, a, b, call));

const truth = scalarConstant('bool', 1);
const zeroOf = (x: Value) => scalarConstant(x.dtype, 0);

/** Arithmetic, functions, activations and comparisons. */
export const elementwiseKernels: Kernels = {
  ...Object.fromEntries(
    [
      'Abs',
      'Acos',
      'Acosh',
      'Asin',
      'Asinh',
      'Atan',
      'Atanh',
      'Ceil',
      'Cos',
      'Cosh',
      'Erf',
      'Exp',
      'Floor',
      'Log',
      'Neg',
    ].map((name) => [name, direct(name)]),
  ),
  ...Object.fromEntries(
    ['Reciprocal', 'Relu', 'Round', 'Selu', 'Sigmoid', 'Sign', 'Sin', 'Sinh', 'Softplus', 'Sqrt', 'Tan', 'Tanh'].map(
      (name) => [name, direct(name)],
    ),
  ),
  Add: direct('Add', pair),
  Sub: direct('Sub', pair),
  Multiply: binary((apply, a, b) => apply(a.dtype === 'bool' ? 'And' : 'Mul', [a, b])),
  Maximum: direct('Max', pair),
  Minimum: direct('Min', pair),
  Prelu: direct('PRelu', ['x', 'alpha']),
  Elu: direct('Elu'),
  RealDiv: binary((apply, a, b) => apply('Div', [a, b])),
  AddN: elementwise([], (apply, inputs) => inputs.reduce((sum, term) => apply('Add', [sum, term]))),
  Square: unary((apply, x) => apply('Mul', [x, x])),
  SquaredDifference: binary((apply, a, b) => {
    const difference = apply('Sub', [a, b]);
    return apply('Mul', [difference, difference]);
  }),
  Rsqrt: unary((apply, x) => apply('Reciprocal', [apply('Sqrt', [x])])),
  Pow: binary((apply, a, b) => power(apply, a, b)),
  Atan2: binary((apply, y, x) => angle(apply, y, x)),
  FloorDiv: elementwise(
    pair,
    (apply, [a = floatConstant(0), b = floatConstant(0)]) => {
      const quotient = apply('Floor', [apply('Div', [toFloat(apply, a), toFloat(apply, b)])]);
      return apply('Cast', [quotient], 'int32', { to: dataType.int32 });
    },
    'int32',
  ),
  Mod: binary((apply, a, b) => {
    if (a.dtype !== 'float32') return apply('Mod', [a, b]);
    return apply('Sub', [a, apply('Mul', [b, apply('Floor', [apply('Div', [a, b])])])]);
  }),
  Step: unary((apply, x, call) => {
    const positive = apply('Greater', [x, zeroOf(x)], 'bool');
    const alpha = call.number('alpha');
    if (alpha === 0) return apply('Cast', [positive], 'float32', { to: dataType.float32 });
    return apply('Where', [positive, floatConstant(1), floatConstant(alpha)], 'float32');
  }, 'float32'),
  Relu6: unary((apply, x) => apply('Clip', [x, floatConstant(0), floatConstant(6)])),
  ClipByValue: unary((apply, x, call) =>
    apply('Clip', [
      x,
      scalarConstant(x.dtype, call.number('clipValueMin')),
      scalarConstant(x.dtype, call.number('clipValueMax')),
    ]),
  ),
  LeakyRelu: unary((apply, x, call) => apply('LeakyRelu', [x], 'float32', { alpha: { float: call.number('alpha') } })),
  EluGrad: binary(
    (apply, dy, y) => {
      const slope = apply(
        'Where',
        [apply('Less', [y, floatConstant(0)], 'bool'), apply('Add', [y, floatConstant(1)]), floatConstant(1)],
        'float32',
      );
      return apply('Mul', [dy, slope]);
    },
    ['dy', 'y'],
  ),
  Log1p: unary((apply, x) => log1p(apply, x)),
  Expm1: unary((apply, x) => expm1(apply, x)),
  Equal: compare('Equal'),
  NotEqual: elementwise(pair, (apply, inputs) => apply('Not', [apply('Equal', inputs, 'bool')]), 'bool'),
  Greater: compare('Greater'),
  GreaterEqual: compare('GreaterOrEqual'),
  Less: compare('Less'),
  LessEqual: compare('LessOrEqual'),
  LogicalAnd: compare('And'),
  LogicalOr: compare('Or'),
  LogicalNot: direct('Not'),
  IsNan: unary((apply, x) => apply('IsNaN', [x], 'bool'), 'bool'),
  IsInf: unary((apply, x) => apply('IsInf', [x], 'bool'), 'bool'),
  IsFinite: unary((apply, x) => {
    const unusual = apply('Or', [apply('IsNaN', [x], 'bool'), apply('IsInf', [x], 'bool')]);
    return apply('Not', [unusual]);
  }, 'bool'),
  Identity: { infer: (call) => [call.input('x')], lower: (call) => [call.input('x')] },
  Cast: {
    infer: (call) => [{ shape: call.input('x').shape, dtype: dtypeAttribute(call, 'dtype') }],
    lower: (call) => [castTo(call, call.input('x'), call.output.dtype)],
  },
  Select: elementwise(['condition', 't', 'e'], (apply, inputs, call) =>
    call.output.dtype === 'bool' ? chosenTruth(apply, inputs) : apply('Where', inputs, call.output.dtype),
  ),
};

/** The tensor with another element type. */
export function castTo(call: LoweringCall, tensor: Lowered, dtype: HostDtype): Lowered {
  if (tensor.value.dtype === dtype) return { ...tensor, dtype };
  const { shape } = tensor.value;
  const value = call.builder.op('Cast', [tensor.value], { dtype, shape }, { to: dataType[dtype] });
  return { ...tensor, dtype, value };
}

/** ONNX Runtime's `Where` does not choose between booleans. */
function chosenTruth(apply: Elements, [condition = truth, t = truth, e = truth]: readonly Value[]): Value {
  return apply('Or', [apply('And', [condition, t]), apply('And', [apply('Not', [condition]), e])]);
}

/** Small whole exponents as products: `Pow` is slow. */
function power(apply: Elements, a: Value, b: Value): Value {
  const exponent = b.constant?.length === 1 ? Number(b.constant[0]) : undefined;
  if (exponent === 1) return a;
  if (exponent === 2) return apply('Mul', [a, a]);
  if (exponent === 3) return apply('Mul', [apply('Mul', [a, a]), a]);
  if (exponent === 0.5) return apply('Sqrt', [a]);
  return apply('Pow', [a, b]);
}

/** ln(1 + x) without losing small x: with u = 1 + x rounded, ln(u)·x/(u − 1). */
function log1p(apply: Elements, x: Value): Value {
  const one = floatConstant(1);
  const u = apply('Add', [x, one]);
  const rounded = apply('Sub', [u, one]);
  const tiny = apply('Equal', [rounded, floatConstant(0)], 'bool');
  const divisor = apply('Where', [tiny, one, rounded], 'float32');
  return apply('Where', [tiny, x, apply('Div', [apply('Mul', [apply('Log', [u]), x]), divisor])], 'float32');
}

/** eˣ − 1 without losing small x: there 2t/(1 − t) with t = tanh(x/2). */
function expm1(apply: Elements, x: Value): Value {
  const one = floatConstant(1);
  const t = apply('Tanh', [apply('Mul', [x, floatConstant(0.5)])]);
  const nearZero = apply('Div', [apply('Mul', [t, floatConstant(2)]), apply('Sub', [one, t])]);
  const small = apply('Less', [apply('Abs', [x]), one], 'bool');
  return apply('Where', [small, nearZero, apply('Sub', [apply('Exp', [x]), one])], 'float32');
}

/** The angle of the point (x, y): the arctangent of y/x, turned by π where x is negative; ±π/2 at x = 0, and 0 at the origin. */
function angle(apply: Elements, y: Value, x: Value): Value {
  const [zero, pi] = [floatConstant(0), floatConstant(Math.PI)];
  const half = apply('Where', [apply('Less', [y, zero], 'bool'), floatConstant(-Math.PI), pi], 'float32');
  const turn = apply('Where', [apply('Less', [x, zero], 'bool'), half, zero], 'float32');
  const slanted = apply('Add', [apply('Atan', [apply('Div', [y, x])]), turn]);
  const upright = apply('Mul', [apply('Sign', [y]), floatConstant(Math.PI / 2)]);
  return apply('Where', [apply('Equal', [x, zero], 'bool'), upright, slanted], 'float32');
}

function toFloat(apply: Elements, x: Value): Value {
  return x.dtype === 'float32' ? x : apply('Cast', [x], 'float32', { to: dataType.float32 });
}
