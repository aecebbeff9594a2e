import type { z } from 'zod';
import type { Backend } from './backend';
import type { Dataset } from './dataset';
import type { Encoder } from './encoder';
import type { Evaluator } from './evaluator';
import type { Objective } from './objective';
import type { Optimizer } from './optim/optimizer';
import type { Callback } from './train/callback';
import type { ViewPipeline } from './views';

/** The version of this contract. A registry refuses definitions of another. */
export const contractVersion = 1;

/** What each kind of plugin makes. */
export interface Products {
  backend: Backend;
  objective: Objective;
  augmentation: ViewPipeline<unknown, unknown>;
  encoder: Encoder;
  dataset: Dataset<unknown>;
  evaluator: Evaluator;
  callback: Callback;
  optimizer: Optimizer;
}

/** The kinds of plugin. */
export type Kind = keyof Products;

/** Where a method comes from. */
export interface Paper {
  /** Authors, title, venue. */ readonly citation: string;
  readonly url: string;
}

/** What lists, tables and benchmarks should know of an objective before it is made. */
export interface ObjectiveTraits {
  /** Whether a backend that captures steps gives what eager ones give. */ readonly capture: boolean;
  /** What it holds beside encoder and heads, or makes of a batch: `'batch² similarities'`, `'a second encoder'`. */ readonly memory: string;
  /** `'tokens'`: only a `TokenEncoder` will do (default `'any'`). */ readonly encoder?: 'any' | 'tokens';
  /** What it sees of a sample: one view, two or more of a kind, or global views and local crops (default `'pair'`). */
  readonly views?: 'one' | 'pair' | 'multi-crop';
  /** What its samples are (default `'image'`). */ readonly modality?: 'image' | 'text' | 'pairs' | 'states';
  /** Whether it learns from labels (default false). */ readonly labels?: boolean;
  /** AdamW's for a small encoder in a short run, where it needs another than most (default: the quickstart's). */
  readonly learningRate?: number;
}

/** One named thing that a registry can make: validated options in, product out. */
export interface Definition<
  K extends Kind = Kind,
  Name extends string = string,
  Options extends z.ZodType = z.ZodType,
> {
  readonly kind: K;
  readonly name: Name;
  /** Schema of the options: validation, defaults, JSON Schema for editors, and CLI help come from it. */ readonly options: Options;
  /** One line for lists and help. */ readonly summary: string;
  readonly paper?: Paper;
  /** What an objective needs and costs. */ readonly traits?: K extends 'objective' ? ObjectiveTraits : never;
  /**
   * Options for a small encoder on two cores, where the defaults are the paper's for large ones: what the quickstart and
   * the test that every objective learns from real images use.
   */
  readonly small?: z.input<Options>;
  /** Golden files of the reference implementation that pin it. */ readonly golden?: readonly string[];
  readonly contract: typeof contractVersion;
  /** Imports the code and returns the factory; heavy dependencies load here and not before. */
  load(): Promise<(options: z.output<Options>) => Products[K] | Promise<Products[K]>>;
}

/** A package's definitions. */
export interface Plugin<Definitions extends readonly Definition[] = readonly Definition[]> {
  /** The package's name. */ readonly name: string;
  readonly definitions: Definitions;
}

/** Checks a definition's types where it is written and keeps its name and schema in them. */
export function define<K extends Kind, const Name extends string, Options extends z.ZodType>(
  definition: Omit<Definition<K, Name, Options>, 'contract'>,
): Definition<K, Name, Options> {
  return { ...definition, contract: contractVersion };
}

/** Groups a package's definitions. */
export function definePlugin<const Definitions extends readonly Definition[]>(
  name: string,
  definitions: Definitions,
): Plugin<Definitions> {
  return { name, definitions };
}
