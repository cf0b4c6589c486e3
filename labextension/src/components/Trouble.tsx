/** What went wrong, what to do next, and every finding with a way to its cell. */
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Desk } from '../desk';
import { IDiagnostic, ITrouble } from '../wire';

export function Trouble(props: { trouble: ITrouble; desk: Desk; trans: TranslationBundle }): JSX.Element {
  const { trouble, desk, trans } = props;
  const own: Record<string, string> = {
    Gone: trans.__('The server does not answer.'),
    Lost: trans.__(
      'The server was started again, and what it was doing ended with it. A project is written as a whole or not at all.'
    )
  };
  return (
    <div role="alert" className="jp-nb2prod-trouble">
      <p>{own[trouble.kind] ?? trouble.message}</p>
      {trouble.hint && <p className="jp-nb2prod-hint">{trouble.hint}</p>}
      <Findings findings={trouble.diagnostics ?? []} desk={desk} trans={trans} />
    </div>
  );
}

export function Findings(props: { findings: IDiagnostic[]; desk: Desk; trans: TranslationBundle }): JSX.Element | null {
  const { findings, desk, trans } = props;
  const severities = { error: trans.__('Error'), warning: trans.__('Warning'), note: trans.__('Note') };
  return findings.length ? (
    <ul className="jp-nb2prod-findings">
      {findings.map((finding, number) => (
        <li key={number} data-severity={finding.severity}>
          <strong>{severities[finding.severity]}</strong> {finding.message}
          {finding.hint && <span className="jp-nb2prod-hint"> {finding.hint}</span>}
          {finding.cell !== null && (
            <>
              {' '}
              <CellLink desk={desk} cell={finding.cell} line={finding.line ?? undefined} trans={trans} />
            </>
          )}
        </li>
      ))}
    </ul>
  ) : null;
}

/** A way to a cell. */
export function CellLink(props: { desk: Desk; cell: number; line?: number; trans: TranslationBundle }): JSX.Element {
  const { desk, cell, line, trans } = props;
  return (
    <button className="jp-nb2prod-link" onClick={() => desk.actions.goTo(cell, line)}>
      {line ? trans.__('cell %1 line %2', cell, line) : trans.__('cell %1', cell)}
    </button>
  );
}

/** Why there is no plan to show yet, or at all. */
export function NoPlan({ desk, trans }: { desk: Desk; trans: TranslationBundle }): JSX.Element {
  const { analysis, planned, trouble } = desk.session!;
  const why = trouble
    ? trans.__('There is no plan, for the reason above.')
    : analysis && planned
      ? trans.__('There is no plan while the notebook has errors.')
      : trans.__('Planning…');
  return <p role="status">{why}</p>;
}
