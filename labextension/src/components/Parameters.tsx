/** The parameters of the package as a table; a default that stands for itself in the notebook can be changed there from here. */
import * as React from 'react';

import { IParameter } from '../wire';
import { IProps } from './Panel';
import { CellLink } from './Trouble';

export function Parameters({ desk, trans }: IProps): JSX.Element {
  const session = desk.session;
  const parameters = session?.analysis?.parameters ?? [];
  if (!session?.analysis?.plan) {
    return (
      <p role="status">
        {session?.analysis && session.planned
          ? trans.__('There is no plan while the notebook has errors.')
          : trans.__('Planning…')}
      </p>
    );
  }
  if (!parameters.length) {
    return <p>{trans.__('No parameters. Tag a cell of assignments as Parameter to make some.')}</p>;
  }
  return (
    <table className="jp-nb2prod-table jp-nb2prod-parameters">
      <thead>
        <tr>
          <th scope="col">{trans.__('Name')}</th>
          <th scope="col">{trans.__('Value in the notebook')}</th>
          <th scope="col">{trans.__('From')}</th>
        </tr>
      </thead>
      <tbody>
        {parameters.map(parameter => (
          <tr key={parameter.name} title={parameter.help}>
            <th scope="row">
              <code>{breakable(parameter.name)}</code>
              <p>{parameter.type}</p>
            </th>
            <td>
              <Default desk={desk} parameter={parameter} trans={trans} />
            </td>
            <td>
              <CellLink desk={desk} cell={parameter.cell} line={parameter.line} trans={trans} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Default({ desk, parameter, trans }: IProps & { parameter: IParameter }): JSX.Element {
  const shown = textOf(parameter.default);
  const [text, setText] = React.useState(shown);
  React.useEffect(() => setText(shown), [shown]);
  if (parameter.secret) {
    return <em>{trans.__('from the environment')}</em>;
  }
  if (parameter.origin === 'literal') {
    return <code>{shown}</code>;
  }
  const take = () =>
    text !== shown && desk.actions.setDefault(parameter.cell, parameter.line, sourceOf(text, parameter));
  return (
    <input
      className="jp-mod-styled"
      aria-label={trans.__('Value of %1 in the notebook', parameter.name)}
      value={text}
      onChange={event => setText(event.target.value)}
      onBlur={take}
      onKeyDown={event => event.key === 'Enter' && take()}
    />
  );
}

/** A name that may be broken after its underscores and slashes. */
export function breakable(name: string): React.ReactNode {
  return name.split(/(?<=[_/])/).map((part, at) => [<wbr key={at} />, part]);
}

/** A value as text for people. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const PYTHON: Record<string, string> = { true: 'True', false: 'False', null: 'None' };

/** What is typed, as the Python that means it for a parameter of this type. */
export function sourceOf(text: string, parameter: IParameter): string {
  const quoted = ['str', 'path', 'date'].includes(parameter.type);
  return quoted ? JSON.stringify(text) : text.trim().replace(/\b(true|false|null)\b/g, word => PYTHON[word]);
}
