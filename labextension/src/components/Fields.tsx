/** The parts that forms are made of: a labelled text, a text that is taken when it is left, a value of a parameter's type, boxes for targets. */
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IParameter, ITarget } from '../wire';

interface ITextProps {
  label: string;
  name: string;
  value: string;
  onChange: (text: string) => void;
  placeholder?: string;
  required?: boolean;
}

export function TextField({ label, onChange, ...input }: ITextProps): JSX.Element {
  return (
    <label>
      <span>{label}</span>
      <input className="jp-mod-styled" {...input} onChange={event => onChange(event.target.value)} />
    </label>
  );
}

interface ICheckProps {
  label: string;
  checked: boolean;
  onChange: (on: boolean) => void;
  radio?: string;
  title?: string;
}

/** A box to tick, or one of several buttons that share the name `radio`. */
export function Check({ label, checked, onChange, radio, title }: ICheckProps): JSX.Element {
  return (
    <label className="jp-nb2prod-check" title={title}>
      <input
        type={radio ? 'radio' : 'checkbox'}
        name={radio}
        checked={checked}
        onChange={event => onChange(event.target.checked)}
      />{' '}
      {label}
    </label>
  );
}

interface ITargetsProps {
  legend: string;
  targets: ITarget[];
  chosen: string[];
  onChange: (chosen: string[]) => void;
  children?: React.ReactNode;
}

/** What there can be job files for. */
export function Targets({ legend, targets, chosen, onChange, children }: ITargetsProps): JSX.Element {
  return (
    <fieldset className="jp-nb2prod-targets">
      <legend>{legend}</legend>
      {targets.map(({ name, summary }) => (
        <Check
          key={name}
          label={name}
          title={summary}
          checked={chosen.includes(name)}
          onChange={on => onChange(on ? [...chosen, name] : chosen.filter(one => one !== name))}
        />
      ))}
      {children}
    </fieldset>
  );
}

interface IWhenProps {
  cron: string;
  timezone: string;
  onChange: (part: { cron?: string; timezone?: string }) => void;
  trans: TranslationBundle;
  required?: boolean;
}

/** When a job runs. */
export function When({ cron, timezone, onChange, trans, required }: IWhenProps): JSX.Element {
  return (
    <>
      <TextField
        label={required ? trans.__('When (cron)') : trans.__('When (cron, may be empty)')}
        name="cron"
        placeholder="30 6 * * 1-5"
        value={cron}
        required={required}
        onChange={text => onChange({ cron: text })}
      />
      <TextField
        label={trans.__('Time zone')}
        name="timezone"
        placeholder="Europe/Berlin"
        value={timezone}
        onChange={text => onChange({ timezone: text })}
      />
    </>
  );
}

interface ITakenProps {
  label: string;
  name: string;
  value: string;
  onTake: (text: string) => void;
  valid?: (text: string) => boolean;
  title?: string;
  placeholder?: string;
}

/** A text that Enter or leaving the field takes over, once it is valid. */
export function Taken({
  label,
  name,
  value,
  onTake,
  valid = () => true,
  title,
  placeholder
}: ITakenProps): JSX.Element {
  const [text, setText] = React.useState(value);
  React.useEffect(() => setText(value), [value]);
  const take = () => valid(text) && text !== value && onTake(text);
  return (
    <input
      className="jp-mod-styled"
      aria-label={label}
      name={name}
      value={text}
      aria-invalid={!valid(text)}
      title={title}
      placeholder={placeholder}
      onChange={event => setText(event.target.value)}
      onBlur={take}
      onKeyDown={event => event.key === 'Enter' && take()}
    />
  );
}

interface IValueProps {
  parameter: IParameter;
  value: string;
  onChange: (text: string) => void;
}

/** A value of a parameter's type, in the form of a run. */
export function Value({ parameter, value, onChange }: IValueProps): JSX.Element {
  if (parameter.type === 'bool') {
    return (
      <select className="jp-mod-styled" value={value} onChange={event => onChange(event.target.value)}>
        <option value="true">true</option>
        <option value="false">false</option>
      </select>
    );
  }
  const number = parameter.type === 'int' || parameter.type === 'float';
  return (
    <input
      className="jp-mod-styled"
      name={parameter.name}
      type={number ? 'number' : 'text'}
      step={parameter.type === 'int' ? 1 : 'any'}
      value={value}
      onChange={event => onChange(event.target.value)}
    />
  );
}
