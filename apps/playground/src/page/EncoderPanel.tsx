import { registry } from '../run/registry';
import { encoders, methodSettings, type BackendChoice, type EncoderName } from '../run/settings';
import { choose, open, settings } from './state';

/** The network and how it is trained. */
export function EncoderPanel() {
  const { encoder, epochs, batchSize, learningRate, method, backend } = settings.value;
  const tokensOnly = registry.find('objective', method).traits?.encoder === 'tokens';
  return (
    <section class="panel">
      <h2>Encoder and training</h2>
      <label>
        Encoder
        <select
          value={encoder}
          disabled={open.value}
          onChange={(event) => {
            const name = encoderNames.find((known) => known === event.currentTarget.value) ?? 'mlp';
            choose({ encoder: name, learningRate: methodSettings(method, name).learningRate });
          }}
        >
          {encoderNames.map((name) => (
            <option key={name} value={name} disabled={tokensOnly && name !== 'vit'}>
              {encoders[name].title}
            </option>
          ))}
        </select>
      </label>
      <div class="options">
        <NumberField label="Epochs" value={epochs} least={1} onChange={(value) => choose({ epochs: value })} />
        <NumberField label="Batch size" value={batchSize} least={8} onChange={(value) => choose({ batchSize: value })} />
        <NumberField label="Learning rate" value={learningRate} least={0} onChange={(value) => choose({ learningRate: value })} />
        <label>
          Computes on
          <select
            value={backend}
            disabled={open.value}
            onChange={(event) => choose({ backend: choices.find((known) => known === event.currentTarget.value) ?? 'auto' })}
          >
            {choices.map((name) => (
              <option key={name} value={name}>
                {name === 'auto' ? 'the fastest here' : name}
              </option>
            ))}
          </select>
        </label>
      </div>
    </section>
  );
}

const encoderNames: readonly EncoderName[] = ['mlp', 'resnet', 'vit'];
const choices: readonly BackendChoice[] = ['auto', 'webgpu', 'wasm', 'cpu'];

interface NumberFieldProps {
  readonly label: string;
  readonly value: number;
  readonly least: number;
  onChange(value: number): void;
}

function NumberField({ label, value, least, onChange }: NumberFieldProps) {
  return (
    <label>
      {label}
      <input
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
    </label>
  );
}
