import type { Definition } from '@unlabel/core';
import { z } from 'zod';
import { isOptions, type Options } from '../run/settings';
import { Labelled } from './Labelled';

interface OptionFieldsProps {
  readonly definition: Definition;
  readonly values: Options;
  /** Options that are not shown. */ readonly without?: readonly string[];
  /** Whether those that give networks their shape are fixed, as in the middle of a run. */ readonly fixedShapes?: boolean;
  onChange(values: Options): void;
}

/** The options of a definition as fields, made from its schema: numbers, switches, choices and lists of numbers. */
export function OptionFields({ definition, values, without = [], fixedShapes = false, onChange }: OptionFieldsProps) {
  const fields = fieldsOf(definition).filter(({ name }) => !without.includes(name));
  const problems = problemsOf(definition, values);
  if (fields.length === 0) return null;
  return (
    <div class="options">
      {fields.map((field) => (
        <Field
          key={`${definition.name} ${field.name}`}
          field={field}
          value={values[field.name] ?? field.initial}
          problem={problems.get(field.name)}
          disabled={fixedShapes && field.kind === 'list'}
          onChange={(value) => onChange({ ...values, [field.name]: value })}
        />
      ))}
    </div>
  );
}

/** What is wrong with options, by name. */
function problemsOf({ options }: Definition, values: Options): ReadonlyMap<string, string> {
  const { error } = options.safeParse(values);
  return new Map(error?.issues.map(({ path, message }) => [String(path[0]), message]));
}

/** One option, as its JSON Schema describes it. */
interface OptionField {
  readonly name: string;
  readonly kind: 'number' | 'switch' | 'choice' | 'list';
  readonly description: string;
  readonly initial: unknown;
  readonly choices: readonly string[];
  readonly whole: boolean;
  readonly least: number | undefined;
  readonly most: number | undefined;
}

/** The options that can be shown as a field. */
export function fieldsOf({ options }: Definition): readonly OptionField[] {
  const { properties } = z.toJSONSchema(options, { io: 'input', unrepresentable: 'any' });
  return Object.entries(properties ?? {}).flatMap(([name, property]) => {
    if (!isOptions(property)) return [];
    const kind = kindOf(property);
    if (!kind) return [];
    return {
      name,
      kind,
      description: typeof property.description === 'string' ? property.description : '',
      initial: property.default,
      choices: Array.isArray(property.enum) ? property.enum.map(String) : [],
      whole: property.type === 'integer',
      least: numberOf(property.minimum ?? property.exclusiveMinimum),
      most: numberOf(property.maximum ?? property.exclusiveMaximum),
    };
  });
}

function kindOf(property: Options): OptionField['kind'] | undefined {
  if (property.type === 'number' || property.type === 'integer') return 'number';
  if (property.type === 'boolean') return 'switch';
  if (Array.isArray(property.enum)) return 'choice';
  const items = isOptions(property.items) ? [property.items] : (property.prefixItems ?? []);
  const numeric = (item: unknown) => isOptions(item) && (item.type === 'number' || item.type === 'integer');
  const isList = property.type === 'array' && Array.isArray(items) && items.length > 0 && items.every(numeric);
  return isList ? 'list' : undefined;
}

/** Bounds that schemas give only because JavaScript's numbers end there are none. */
function numberOf(bound: unknown): number | undefined {
  return typeof bound === 'number' && Math.abs(bound) < 1e15 ? bound : undefined;
}

interface FieldProps {
  readonly field: OptionField;
  readonly value: unknown;
  readonly problem: string | undefined;
  readonly disabled: boolean;
  onChange(value: unknown): void;
}

function Field({ field, value, problem, disabled, onChange }: FieldProps) {
  const { kind, description } = field;
  const label = worded(field.name);
  if (kind === 'switch') {
    return (
      <Labelled label={label} hint={description} behind>
        {(ties) => (
          <input
            {...ties}
            type="checkbox"
            checked={value === true}
            disabled={disabled}
            onChange={(event) => onChange(event.currentTarget.checked)}
          />
        )}
      </Labelled>
    );
  }
  return (
    <Labelled label={label} hint={description} problem={problem}>
      {(ties) =>
        kind === 'choice' ? (
          <select
            {...ties}
            value={String(value)}
            disabled={disabled}
            onChange={(event) => onChange(event.currentTarget.value)}
          >
            {field.choices.map((choice) => (
              <option key={choice}>{choice}</option>
            ))}
          </select>
        ) : (
          <input
            {...ties}
            aria-invalid={problem !== undefined}
            {...(kind === 'number' ? { type: 'number' as const } : { type: 'text' as const })}
            value={Array.isArray(value) ? value.join(', ') : value === undefined ? '' : String(value)}
            placeholder={value === undefined ? 'default' : ''}
            min={field.least}
            max={field.most}
            step={field.whole ? 1 : 'any'}
            disabled={disabled}
            onChange={(event) => onChange(read(kind, event.currentTarget.value))}
          />
        )
      }
    </Labelled>
  );
}

/** What was typed; nothing, which stands for the default, where the field is empty. */
function read(kind: OptionField['kind'], text: string): unknown {
  if (text.trim() === '') return undefined;
  if (kind === 'number') return Number(text);
  return text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map(Number);
}

/** `stopGradient` as `stop gradient`. */
export function worded(name: string): string {
  return name.replaceAll(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`);
}
