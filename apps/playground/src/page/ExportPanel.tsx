import { save, saved } from './state';

/** What can be taken away from the page. */
export function ExportPanel() {
  return (
    <section class="panel">
      <h2>Take it away</h2>
      <div class="buttons">
        <button type="button" disabled={!saved.value} onClick={() => save('exportOnnx', 'encoder.onnx')}>
          Encoder (ONNX)
        </button>
        <button type="button" disabled={!saved.value} onClick={() => save('exportFeatures', 'features.csv')}>
          Features (CSV)
        </button>
        <button type="button" onClick={() => save('exportConfig', 'config.yaml')}>
          Config for the command line
        </button>
      </div>
      <p class="summary">
        The encoder as of the newest checkpoint. <code>npx unlabel pretrain config.yaml</code> trains the same with all
        your cores.
      </p>
    </section>
  );
}
