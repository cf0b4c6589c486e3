/** The stages of the package, with what each takes and gives. */
import * as React from 'react';

import { IStage, IVariable } from '../wire';
import { IProps } from './Panel';
import { CellLink } from './Trouble';

export function Plan({ desk, trans }: IProps): JSX.Element {
  const session = desk.session;
  const plan = session?.analysis?.plan;
  if (!plan) {
    return (
      <p role="status">
        {session?.planned ? trans.__('There is no plan while the notebook has errors.') : trans.__('Planning…')}
      </p>
    );
  }
  return (
    <ol className="jp-nb2prod-stages" aria-busy={!session?.planned}>
      {plan.stages.map(stage => (
        <li key={stage.name}>
          <code className="jp-nb2prod-signature">{signatureOf(stage)}</code>
          <p>
            <code>{stage.module}.py</code>{' '}
            {cellsOf(stage).map(cell => (
              <React.Fragment key={cell}>
                <CellLink desk={desk} cell={cell} trans={trans} />{' '}
              </React.Fragment>
            ))}
          </p>
        </li>
      ))}
    </ol>
  );
}

/** `load(path) -> df, rows` */
export function signatureOf(stage: IStage): string {
  const named = (variable: IVariable) =>
    variable.type ? `${variable.name}: ${variable.type.split('.').pop()}` : variable.name;
  const given = stage.outputs.map(named).join(', ');
  return `${stage.name}(${stage.inputs.map(named).join(', ')})${given ? ` → ${given}` : ''}`;
}

export function cellsOf(stage: IStage): number[] {
  return [...new Set(stage.statements.map(id => Number(id.split('.')[0])))];
}
