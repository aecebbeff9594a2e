import type { BackendSession, CompiledStep, Step, StepSignature } from '../backend';
import type { TensorSpecs } from '../hostTensor';

/** How a step is kept ready for inputs of several shapes. */
export interface PerSignatureOptions {
  /** Compiled forms to keep; past it, the one that was needed longest ago is let go (default 4). */ readonly limit?: number;
}

/**
 * Compiles a step once for each set of input shapes that it meets, on first need: epochs whose last batch is smaller, or
 * texts of a few lengths. All forms run on the same state, which stays where it is. Names, dtypes and numbers of axes are
 * those of `signature`; for its shapes the step is compiled at once. Runs follow one another.
 * @throws UnlabelError what the backend refuses; from `run` too, `VARIABLE_MISSING`, `SHAPE_MISMATCH`
 */
export async function compilePerSignature<Outputs extends string>(
  session: BackendSession,
  step: Step<Outputs>,
  signature: StepSignature,
  options: PerSignatureOptions = {},
): Promise<CompiledStep<Outputs>> {
  const { limit = 4 } = options;
  const forms = new Map<string, CompiledStep<Outputs>>();
  const formFor = async (inputs: TensorSpecs): Promise<CompiledStep<Outputs>> => {
    const key = JSON.stringify(Object.values(inputs).map(({ shape }) => shape));
    const form = forms.get(key) ?? (await session.compile(step, { ...signature, inputs }));
    forms.delete(key);
    forms.set(key, form); // the last needed stands last
    const [oldest] = forms.keys();
    if (forms.size > limit && oldest !== undefined) {
      forms.get(oldest)?.dispose();
      forms.delete(oldest);
    }
    return form;
  };
  await formFor(signature.inputs);
  return {
    run: async (state, inputs, key, onDevice) => {
      const form = await formFor(shapesOf({ ...inputs, ...onDevice?.specs }, signature.inputs));
      return form.run(state, inputs, key, onDevice);
    },
    dispose: () => {
      for (const form of forms.values()) form.dispose();
      forms.clear();
    },
  };
}

/** The specs with the shapes that were given; what does not fit at all is left for the backend to refuse. */
function shapesOf(given: TensorSpecs, specs: TensorSpecs): TensorSpecs {
  const shaped = Object.entries(specs).map(([name, spec]) => {
    const shape = given[name]?.shape ?? spec.shape;
    return [name, shape.length === spec.shape.length ? { ...spec, shape } : spec] as const;
  });
  return Object.fromEntries(shaped);
}
