/** The stages of the package, with what each takes and gives; each can be renamed, merged, split, and give cells to its neighbours. */
import * as React from 'react';

import { cellsOf, merged, moved, NAME, renamed, Way } from '../stages';
import { IStage, IVariable } from '../wire';
import { Taken } from './Fields';
import { IProps } from './Panel';
import { CellLink, Findings, NoPlan } from './Trouble';

const UNMET = 'NB304'; // a stage that cannot be as it was asked for

export function Plan({ desk, trans }: IProps): JSX.Element {
  const session = desk.session;
  const plan = session?.analysis?.plan;
  if (!plan) {
    return <NoPlan desk={desk} trans={trans} />;
  }
  const unmet = session!.analysis!.diagnostics.filter(finding => finding.code === UNMET);
  const changed = plan.stages.some(stage => cellsOf(stage).some(cell => desk.actions.stageOf(cell)));
  return (
    <>
      <Findings findings={unmet} desk={desk} trans={trans} />
      <ol className="jp-nb2prod-stages" aria-busy={!session?.planned}>
        {plan.stages.map((_, at) => (
          <Stage key={at} stages={plan.stages} at={at} desk={desk} trans={trans} />
        ))}
      </ol>
      {changed && (
        <button className="jp-mod-styled" onClick={() => desk.actions.placeInStages(null)}>
          {trans.__('Forget all changes to stages')}
        </button>
      )}
    </>
  );
}

function Stage({ stages, at, desk, trans }: IProps & { stages: IStage[]; at: number }): JSX.Element {
  const stage = stages[at];
  const cells = cellsOf(stage);
  return (
    <li>
      <code className="jp-nb2prod-signature">{signatureOf(stage)}</code>
      <p>
        <code>{stage.module}.py</code>{' '}
        {cells.map(cell => (
          <React.Fragment key={cell}>
            <CellLink desk={desk} cell={cell} trans={trans} />{' '}
          </React.Fragment>
        ))}
      </p>
      <details>
        <summary>{trans.__('Change')}</summary>
        <div className="jp-nb2prod-form">
          <label>
            <span>{trans.__('Name')}</span>
            <Taken
              label={trans.__('Name of the stage')}
              name="stage"
              value={stage.name}
              valid={text => new RegExp(`^${NAME}$`).test(text)}
              title={trans.__('Small letters, digits and underscores')}
              onTake={name => desk.actions.placeInStages(renamed(stages, at, name))}
            />
          </label>
          {cells.map((cell, place) => (
            <Home key={cell} stages={stages} at={at} cell={cell} first={place === 0} desk={desk} trans={trans} />
          ))}
          {at + 1 < stages.length && (
            <button className="jp-mod-styled" onClick={() => desk.actions.placeInStages(merged(stages, at))}>
              {trans.__('Merge with %1', stages[at + 1].name)}
            </button>
          )}
        </div>
      </details>
    </li>
  );
}

interface IHomeProps extends IProps {
  stages: IStage[];
  at: number;
  cell: number;
  first: boolean;
}

/** Which stage a cell is in; those above or below it come along, since code keeps its order. */
function Home({ stages, at, cell, first, desk, trans }: IHomeProps): JSX.Element {
  return (
    <label>
      <span>{trans.__('Cell %1 goes to', cell)}</span>
      <select
        className="jp-mod-styled"
        value=""
        onChange={event => desk.actions.placeInStages(moved(stages, at, cell, event.target.value as Way))}
      >
        <option value="">{stages[at].name}</option>
        {at > 0 && (
          <option value="previous">
            {first
              ? stages[at - 1].name
              : trans.__('%1, with the cells of %2 above it', stages[at - 1].name, stages[at].name)}
          </option>
        )}
        {at + 1 < stages.length && (
          <option value="next">{trans.__('%1, with those below it', stages[at + 1].name)}</option>
        )}
        {!first && <option value="new">{trans.__('a new stage, with those below it')}</option>}
      </select>
    </label>
  );
}

/** `load(path) -> df, rows` */
export function signatureOf(stage: IStage): string {
  const named = (variable: IVariable) =>
    variable.type ? `${variable.name}: ${variable.type.split('.').pop()}` : variable.name;
  const given = stage.outputs.map(named).join(', ');
  return `${stage.name}(${stage.inputs.map(named).join(', ')})${given ? ` → ${given}` : ''}`;
}
