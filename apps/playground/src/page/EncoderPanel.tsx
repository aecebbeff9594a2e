import { registry } from '../run/registry';
import { type BackendChoice, type EncoderName, encoders, methodSettings } from '../run/settings';
import { Labelled } from './Labelled';
import { choose, open, settings } from './state';

/** The network and how it is trained. */
export function EncoderPanel() {
  const { encoder, epochs, batchSize, learningRate, method, backend } = settings.value;
  const tokensOnly = registry.find('objective', method).traits?.encoder === 'tokens';
  return (
    <section class="panel">
      <h2>Encoder and training</h2>
      <Labelled label="Encoder">
        {(ties) => (
          <select
            {...ties}
            value={encoder}
            disabled={open.value}
            onChange={(event) => {
              const name = encoderNames.find((known) => known === event.currentTarget.value) ?? 'vit';
              choose({ encoder: name, learningRate: methodSettings(method, name).learningRate });
            }}
          >
            {encoderNames.map((name) => (
              <option key={name} value={name} disabled={tokensOnly && name !== 'vit'}>
                {encoders[name].title}
              </option>
            ))}
          </select>
        )}
      </Labelled>
      <div class="options">
        <NumberField label="Epochs" value={epochs} least={1} onChange={(value) => choose({ epochs: value })} />
        <NumberField
          label="Batch size"
          value={batchSize}
          least={8}
          onChange={(value) => choose({ batchSize: value })}
        />
        <NumberField
          label="Learning rate"
          value={learningRate}
          least={0}
          onChange={(value) => choose({ learningRate: value })}
        />
        <Labelled label="Computes on">
          {(ties) => (
            <select
              {...ties}
              value={backend}
              disabled={open.value}
              onChange={(event) =>
                choose({ backend: choices.find((known) => known === event.currentTarget.value) ?? 'auto' })
              }
            >
              {choices.map((name) => (
                <option key={name} value={name}>
                  {name === 'auto' ? 'the fastest here' : name}
                </option>
              ))}
            </select>
          )}
        </Labelled>
      </div>
    </section>
  );
}

const encoderNames: readonly EncoderName[] = ['vit', 'resnet', 'mlp'];
const choices: readonly BackendChoice[] = ['auto', 'webgpu', 'onnx', 'wasm', 'cpu'];

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  onChange(value: number): void;
}

function NumberField({ label, value, least, onChange }: NumberFieldProps) {
  return (
    <Labelled label={label}>
      {(ties) => (
        <input
          {...ties}
          type="number"
          step={least >= 1 ? 1 : 'any'}
          min={least}
          value={value}
          disabled={open.value}
          onChange={(event) => {
            if (event.currentTarget.checkValidity()) onChange(event.currentTarget.valueAsNumber);
            else event.currentTarget.reportValidity();
          }}
        />
      )}
    </Labelled>
  );
}
