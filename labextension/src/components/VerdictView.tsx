/** Whether the package gives the notebook's results, and both values side by side. */
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IComparison, IJobResult, IView } from '../wire';
import { IProps } from './Panel';
import { CellLink } from './Trouble';

export function VerdictView(props: IProps & { result: IJobResult; brief?: boolean }): JSX.Element {
  const { result, desk, trans, brief } = props;
  const verdict = result.verdict;
  if (!verdict) {
    return (
      <p>{trans.__('Written without running the notebook: whether the package gives its results is not known.')}</p>
    );
  }
  const told = {
    same: trans.__('SAME: the package gives what the notebook gives'),
    different: trans.__('DIFFERENT: the package does not give what the notebook gives'),
    unknown: trans.__('UNKNOWN: the results could not be compared')
  };
  return (
    <div className="jp-nb2prod-verdict" data-outcome={verdict.outcome}>
      <p role="status">
        <strong>{told[verdict.outcome]}</strong> {verdict.reason}
      </p>
      {(result.failures ?? []).map(failure => (
        <p key={failure.cell}>
          <CellLink desk={desk} cell={failure.cell} trans={trans} />: {failure.message}
        </p>
      ))}
      {verdict.restored.map(one => (
        <p key={one}>{trans.__('Restored: %1', one)}</p>
      ))}
      {brief ? (
        <Brief comparisons={verdict.comparisons} trans={trans} />
      ) : (
        <Sides comparisons={verdict.comparisons} trans={trans} />
      )}
    </div>
  );
}

interface IComparisonsProps {
  comparisons: IComparison[];
  trans: TranslationBundle;
}

function outcomes(trans: TranslationBundle): Record<IComparison['outcome'], string> {
  return {
    same: trans.__('same'),
    different: trans.__('different'),
    unknown: trans.__('unknown'),
    nondeterministic: trans.__('a matter of chance')
  };
}

function Brief({ comparisons, trans }: IComparisonsProps): JSX.Element {
  return (
    <table className="jp-nb2prod-table">
      <thead>
        <tr>
          <th scope="col">{trans.__('Result')}</th>
          <th scope="col">{trans.__('Outcome')}</th>
        </tr>
      </thead>
      <tbody>
        {comparisons.map(one => (
          <tr key={one.name} data-outcome={one.outcome} title={one.how}>
            <th scope="row">
              <code>{one.name}</code>
            </th>
            <td>
              {outcomes(trans)[one.outcome]} {one.difference}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

export function Sides({ comparisons, trans }: IComparisonsProps): JSX.Element {
  return (
    <table className="jp-nb2prod-table jp-nb2prod-sides">
      <thead>
        <tr>
          <th scope="col">{trans.__('Result')}</th>
          <th scope="col">{trans.__('Notebook')}</th>
          <th scope="col">{trans.__('Package')}</th>
        </tr>
      </thead>
      <tbody>
        {comparisons.map(one => (
          <tr key={one.name} data-outcome={one.outcome}>
            <th scope="row">
              <code>{one.name}</code>
              <p>
                {outcomes(trans)[one.outcome]} ({one.how})
              </p>
              {one.difference && <p>{one.difference}</p>}
            </th>
            <td>
              <ViewOf view={one.views?.[0]} text={one.notebook} label={trans.__('%1 in the notebook', one.name)} />
            </td>
            <td>
              <ViewOf view={one.views?.[1]} text={one.package} label={trans.__('%1 in the package', one.name)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** A value to look at; whatever is in it is text or a picture, never markup. */
function ViewOf({ view, text, label }: { view?: IView; text: string; label: string }): JSX.Element {
  if (view?.kind === 'image') {
    return <img src={`data:image/png;base64,${view.image}`} alt={label} />;
  }
  if (view?.kind === 'table') {
    const [head, ...rows] = view.rows;
    return (
      <table>
        <thead>
          <tr>
            {(head ?? []).map((name, number) => (
              <th key={number} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, number) => (
            <tr key={number}>
              {row.map((value, place) => (
                <td key={place}>{value}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    );
  }
  return <pre>{view?.text || text}</pre>;
}
