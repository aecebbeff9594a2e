import { methods, registry } from '../run/registry';
import { methodSettings } from '../run/settings';
import { Labelled } from './Labelled';
import { OptionFields } from './OptionFields';
import { busy, choose, measuring, open, resume, running, settings, status } from './state';

/** Which method, with which options; those that leave the networks' shapes alone may change in the middle of a run. */
export function MethodPanel() {
  const { method, methodOptions, encoder } = settings.value;
  const definition = registry.find('objective', method);
  const changed = open.value && JSON.stringify(running.value?.methodOptions) !== JSON.stringify(methodOptions);
  return (
    <section class="panel">
      <h2>Method</h2>
      <Labelled label="Name">
        {(ties) => (
          <select
            {...ties}
            value={method}
            disabled={open.value}
            onChange={(event) => choose(methodSettings(event.currentTarget.value, encoder))}
          >
            {methods().map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Labelled>
      <p class="summary">
        {definition.summary}{' '}
        {definition.paper && (
          <a href={definition.paper.url} target="_blank" rel="noreferrer">
            Paper
          </a>
        )}
      </p>
      <OptionFields
        definition={definition}
        values={methodOptions}
        fixedShapes={open.value}
        onChange={(values) => choose({ methodOptions: values })}
      />
      {changed && status.value !== 'finished' && (
        <button
          type="button"
          class="main"
          disabled={(busy.value && status.value !== 'running') || measuring.value}
          onClick={resume}
        >
          Apply and go on
        </button>
      )}
    </section>
  );
}
