import type { CaptureOptions } from '../capture/captureStep';
import { loweringChoices } from '../capture/loweringChoices';
import { lowerRecording } from '../capture/lowerRecording';
import type { Recording } from '../capture/recording';
import { encodeModel } from '../emit/model';
import type { Graph } from '../graph/graph';
import { batchLast } from '../graph/imageOrder';
import { optimise } from '../passes/optimise';
import type { PassName } from '../passes/passNames';

/** A graph as a part of the compiler left it. */
export interface Stage {
  readonly name: PassName;
  readonly summary: string;
  readonly graph: Graph;
  readonly milliseconds: number;
}

/** All graphs between a recorded step and ONNX Runtime. */
export interface Stages {
  readonly before: Graph;
  /** Choices of lowering, one more each time, and then the passes. */ readonly stages: readonly Stage[];
  readonly after: Graph;
  /** Bytes of the ONNX model. */ readonly modelBytes: number;
  readonly milliseconds: { readonly lower: number; readonly passes: number; readonly write: number };
}

/** Compiles a recorded step and keeps every graph on the way. */
export function stagesOf(recording: Recording, options: CaptureOptions): Stages {
  const { without = [], portable = false, imageBlock = 1 } = options;
  const lowered = (left: readonly string[]) =>
    lowerRecording(recording, { contrib: !portable, images: batchLast, imageBlock, without: left });
  const started = performance.now();
  const graph = lowered(without);
  const optimising = performance.now();
  const stages: Stage[] = [];
  const after = optimise(graph, {
    without,
    portable,
    imageBlock,
    onPass: ({ name, summary }, left, milliseconds) => stages.push({ name, summary, graph: left, milliseconds }),
  });
  const writing = performance.now();
  const modelBytes = encodeModel(after).length;
  const milliseconds = {
    lower: optimising - started,
    passes: writing - optimising,
    write: performance.now() - writing,
  };
  const choices = loweringChoices.filter(({ name }) => !without.includes(name));
  const namesFrom = (index: number) => choices.slice(index).map(({ name }) => name);
  const chosen = choices.map((choice, index) => ({
    ...choice,
    graph: lowered([...without, ...namesFrom(index + 1)]),
    milliseconds: 0,
  }));
  const before = lowered([...without, ...namesFrom(0)]);
  return { before, stages: [...chosen, ...stages], after, modelBytes, milliseconds };
}
