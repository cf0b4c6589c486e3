/**
 * The parameters of the package as a table that can be edited. Values change in the notebook, where they stand; names, types, descriptions and
 * whether a value is a parameter at all are asked for in the metadata of its cell.
 */
import * as React from 'react';

import { NAME } from '../stages';
import { IAnalysis, IOffered, IParameter, IPlanned } from '../wire';
import { TYPES } from '../wishes';
import { Taken } from './Fields';
import { IProps } from './Panel';
import { CellLink, Findings, NoPlan } from './Trouble';

const UNMET = 'NB305'; // what cannot be as it was asked for

export function Parameters({ desk, trans }: IProps): JSX.Element {
  const analysis = desk.session?.analysis;
  const plan = analysis?.plan;
  if (!plan) {
    return <NoPlan desk={desk} trans={trans} />;
  }
  const { parameters } = analysis;
  return (
    <>
      <Findings findings={analysis.diagnostics.filter(({ code }) => code === UNMET)} desk={desk} trans={trans} />
      {parameters.length ? (
        <table className="jp-nb2prod-table jp-nb2prod-parameters" aria-busy={!desk.session?.planned}>
          <thead>
            <tr>
              <th scope="col">{trans.__('Name')}</th>
              <th scope="col">{trans.__('Type')}</th>
              <th scope="col">{trans.__('Value in the notebook')}</th>
            </tr>
          </thead>
          {parameters.map((parameter, at) => {
            const planned = plan.parameters[at];
            const key = `${parameter.cell} ${planned.source || parameter.name}`;
            return <Row key={key} parameter={parameter} planned={planned} desk={desk} trans={trans} />;
          })}
        </table>
      ) : (
        <p>{trans.__('No parameters. Tag a cell of assignments as Parameter to make some.')}</p>
      )}
      <LeftOut desk={desk} trans={trans} />
      <Offered analysis={analysis} desk={desk} trans={trans} />
    </>
  );
}

interface IRowProps extends IProps {
  parameter: IParameter;
  planned: IPlanned;
}

function Row({ parameter, planned, desk, trans }: IRowProps): JSX.Element {
  const { name, type, cell, line, help, secret } = parameter;
  const { source } = planned;
  const home = planned.literals[0]?.cell ?? cell;
  const asked = desk.actions.wishesOf(home)[source] ?? {};
  const types = asked.type ? [asked.type] : (TYPES[type] ?? []);
  return (
    <tbody title={help}>
      <tr>
        <th scope="row">
          {source ? (
            <Taken
              label={trans.__('Name of %1', name)}
              name="name"
              value={name}
              valid={text => !text || new RegExp(`^${NAME}$`).test(text)}
              title={trans.__('Small letters, digits and underscores; none for the name it would have')}
              onTake={text => desk.actions.wish(home, source, { name: text || undefined })}
            />
          ) : (
            <code>{breakable(name)}</code>
          )}
        </th>
        <td>
          {source && types.length ? (
            <select
              className="jp-mod-styled"
              aria-label={trans.__('Type of %1', name)}
              value={asked.type ?? ''}
              onChange={event => desk.actions.wish(home, source, { type: event.target.value || undefined })}
            >
              <option value="">{asked.type ? trans.__('as found') : type}</option>
              {types.map(one => (
                <option key={one}>{one}</option>
              ))}
            </select>
          ) : (
            type
          )}
        </td>
        <td>
          {secret ? (
            <em>{trans.__('from the environment')}</em>
          ) : (
            <Written parameter={parameter} planned={planned} home={home} desk={desk} trans={trans} />
          )}
        </td>
      </tr>
      <tr>
        <td colSpan={3}>
          {source && (
            <Taken
              label={trans.__('Description of %1', name)}
              name="help"
              value={asked.help ?? ''}
              placeholder={help || trans.__('Description')}
              onTake={text => desk.actions.wish(home, source, { help: text.trim() || undefined })}
            />
          )}
          <div className="jp-nb2prod-buttons">
            <CellLink desk={desk} cell={cell} line={line} trans={trans} />
            {source && (
              <button className="jp-nb2prod-link" onClick={() => desk.actions.wish(home, source, { parameter: false })}>
                {trans.__('Not a parameter')}
              </button>
            )}
          </div>
        </td>
      </tr>
    </tbody>
  );
}

/** The value as it is written in the notebook; a change waits until it is known where that is. */
function Written({ parameter, planned, home, desk, trans }: IRowProps & { home: number }): JSX.Element {
  const [wanted, want] = React.useState<string | null>(null);
  const shown = textOf(parameter.default);
  const ready = desk.session!.planned;
  // with the type that is asked for from now on, which the plan perhaps does not have yet
  const typed = () => ({ ...parameter, type: desk.actions.wishesOf(home)[planned.source]?.type ?? parameter.type });
  React.useEffect(() => {
    if (wanted !== null && ready) {
      want(null);
      desk.actions.setValue(planned.literals, sourceOf(wanted, typed()));
    }
  }, [wanted, ready]);
  if (!planned.literals.length) {
    return <code>{shown}</code>;
  }
  return (
    <Taken
      label={trans.__('Value of %1 in the notebook', parameter.name)}
      name="value"
      value={shown}
      valid={text => isValue(text, typed())}
      onTake={want}
    />
  );
}

/** What was said to be no parameter, to be made one again. */
function LeftOut({ desk, trans }: IProps): JSX.Element | null {
  const all = [...desk.actions.wishes()].flatMap(([cell, wishes]) =>
    Object.entries(wishes).map(([source, asked]) => ({ cell, source, out: asked?.parameter === false }))
  );
  const out = all.filter(one => one.out);
  return all.length ? (
    <>
      {out.length > 0 && (
        <section aria-label={trans.__('No parameters')}>
          <h3>{trans.__('No parameters')}</h3>
          <ul>
            {out.map(({ cell, source }) => (
              <li key={`${cell} ${source}`}>
                <code>{breakable(source)}</code> <CellLink desk={desk} cell={cell} trans={trans} />{' '}
                <button
                  className="jp-nb2prod-link"
                  onClick={() => desk.actions.wish(cell, source, { parameter: undefined })}
                >
                  {trans.__('Make it one')}
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <button
        className="jp-mod-styled"
        onClick={() => all.forEach(({ cell, source }) => desk.actions.wish(cell, source, null))}
      >
        {trans.__('Forget all changes to parameters')}
      </button>
    </>
  ) : null;
}

/** Other values of the selected cell, which can be made parameters. */
function Offered({ analysis, desk, trans }: IProps & { analysis: IAnalysis }): JSX.Element | null {
  const here = analysis.offered.filter(one => one.cell === desk.cell);
  const make = ({ cell, source }: IOffered) => desk.actions.wish(cell, source, { parameter: true });
  return here.length ? (
    <section aria-label={trans.__('Other values')}>
      <h3>{trans.__('Other values in cell %1', desk.cell)}</h3>
      <ul>
        {here.map(one => (
          <li key={one.source}>
            <code>
              {breakable(one.source)} = {textOf(one.value)}
            </code>{' '}
            <button className="jp-nb2prod-link" onClick={() => make(one)}>
              {trans.__('Make it a parameter')}
            </button>
          </li>
        ))}
      </ul>
    </section>
  ) : null;
}

/** A name that may be broken after its underscores, dots and slashes. */
export function breakable(name: string): React.ReactNode {
  return name.split(/(?<=[_/.])/).map((part, at) => [<wbr key={at} />, part]);
}

/** A value as text for people. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const QUOTED = ['str', 'path', 'date'];
const PATTERNS: Record<string, RegExp> = {
  int: /^-?(0|[1-9]\d*)$/,
  float: /^-?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i,
  bool: /^(true|false)$/i
};
const PYTHON: Record<string, string> = { true: 'True', false: 'False', null: 'None' };

/** Whether what is typed is a value of the parameter's type; those without a pattern are typed as JSON. */
export function isValue(text: string, { type }: IParameter): boolean {
  if (QUOTED.includes(type)) {
    return true;
  }
  if (PATTERNS[type]) {
    return PATTERNS[type].test(text.trim());
  }
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** What is typed, as the Python that means it for a parameter of this type. */
export function sourceOf(text: string, { type }: IParameter): string {
  if (QUOTED.includes(type)) {
    return JSON.stringify(text);
  }
  const typed = type === 'bool' ? text.trim().toLowerCase() : text.trim();
  return typed.replace(/"(?:[^"\\]|\\.)*"|\b(?:true|false|null)\b/g, part => PYTHON[part] ?? part);
}
