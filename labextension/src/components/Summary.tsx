/** How much of the notebook lives, the selected cell with its reasons and decisions, results and findings. */
import * as React from 'react';

import { Decision, decisionOf } from '../decisions';
import { marksOf, SIGNS } from '../marks';
import { IProps } from './Panel';
import { CellLink, Findings } from './Trouble';

export function Summary(props: IProps): JSX.Element {
  const { desk, trans } = props;
  const { analysis, planned } = desk.session ?? {};
  if (!analysis) {
    return <p role="status">{desk.session?.trouble ? '' : trans.__('Looking at the notebook…')}</p>;
  }
  const statements = analysis.cells.flatMap(cell => cell.statements);
  const dead = analysis.cells.filter(cell => cell.statements.length && cell.statements.every(one => !one.live)).length;
  const rows: [string, string][] = [
    [trans.__('Statements kept'), trans.__('%1 of %2', statements.filter(one => one.live).length, statements.length)],
    [trans.__('Cells dropped'), trans.__('%1 of %2', dead, analysis.cells.length)],
    [trans.__('Parameters'), analysis.plan || planned ? String(analysis.parameters.length) : '…'],
    [trans.__('Results'), String(analysis.results.length)],
    [
      trans.__('Kind'),
      analysis.character === 'job' ? trans.__('a job: it makes something') : trans.__('a report: it shows something')
    ]
  ];
  return (
    <>
      <dl className="jp-nb2prod-facts">
        {rows.map(([name, value]) => (
          <React.Fragment key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </React.Fragment>
        ))}
      </dl>
      <Selected {...props} />
      <h3>{trans.__('Findings')}</h3>
      {analysis.diagnostics.length ? (
        <Findings findings={analysis.diagnostics} desk={desk} trans={trans} />
      ) : (
        <p>{trans.__('Nothing to report.')}</p>
      )}
      <h3>{trans.__('Results')}</h3>
      <ul>
        {analysis.results.map(result => (
          <li key={result.name}>
            <code>{result.path || result.name}</code> {result.why}{' '}
            {result.statement && <CellLink desk={desk} cell={Number(result.statement.split('.')[0])} trans={trans} />}
          </li>
        ))}
      </ul>
    </>
  );
}

/** Why the selected cell is what it is, and what a person may decide about it. */
function Selected({ desk, trans }: IProps): JSX.Element | null {
  const cell = desk.cell;
  const analysis = desk.session?.analysis;
  const mark = cell !== null && analysis ? marksOf(analysis, trans).get(cell) : undefined;
  if (cell === null || !mark) {
    return null;
  }
  const current = decisionOf(desk.actions.tagsOf(cell));
  const names: Record<Decision, string> = {
    keep: trans.__('Keep'),
    drop: trans.__('Drop'),
    parameters: trans.__('Parameter'),
    result: trans.__('Result')
  };
  return (
    <section aria-label={trans.__('The selected cell')} className="jp-nb2prod-selected">
      <h3>
        <span aria-hidden="true" className="jp-nb2prod-sign" data-kind={mark.kind}>
          {SIGNS[mark.kind]}
        </span>{' '}
        {trans.__('Cell %1: %2', cell, mark.label)}
      </h3>
      <ul>
        {mark.reasons.map(reason => (
          <li key={reason}>{reason}</li>
        ))}
      </ul>
      <div role="group" aria-label={trans.__('Decide about this cell')} className="jp-nb2prod-buttons">
        {(Object.keys(names) as Decision[]).map(decision => (
          <button
            key={decision}
            className="jp-mod-styled jp-mod-minimal"
            aria-pressed={current === decision}
            onClick={() => desk.actions.decide(cell, current === decision ? null : decision)}
          >
            {names[decision]}
          </button>
        ))}
      </div>
    </section>
  );
}
