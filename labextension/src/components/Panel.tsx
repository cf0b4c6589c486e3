/** The side panel: its tabs, and what is wrong when something is. */
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { Desk, Tab } from '../desk';
import { Files } from './Files';
import { Graph } from './Graph';
import { Parameters } from './Parameters';
import { Plan } from './Plan';
import { RunView } from './RunView';
import { Summary } from './Summary';
import { Trouble } from './Trouble';

export interface IProps {
  desk: Desk;
  trans: TranslationBundle;
}

const VIEWS: Record<Tab, React.ComponentType<IProps>> = {
  summary: Summary,
  graph: Graph,
  parameters: Parameters,
  plan: Plan,
  files: Files,
  run: RunView
};

export function Panel({ desk, trans }: IProps): JSX.Element {
  const names: Record<Tab, string> = {
    summary: trans.__('Summary'),
    graph: trans.__('Graph'),
    parameters: trans.__('Parameters'),
    plan: trans.__('Plan'),
    files: trans.__('Files'),
    run: trans.__('Run')
  };
  const tabs = Object.keys(VIEWS) as Tab[];
  const View = VIEWS[desk.tab];
  const move = (event: React.KeyboardEvent) => {
    const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
    if (step) {
      desk.tab = tabs[(tabs.indexOf(desk.tab) + step + tabs.length) % tabs.length];
      (event.currentTarget.children[tabs.indexOf(desk.tab)] as HTMLElement).focus();
    }
  };
  return (
    <div className="jp-nb2prod-panel">
      <div className="jp-nb2prod-head">
        <button
          className="jp-mod-styled jp-mod-accept"
          disabled={!desk.session || desk.status?.files === false}
          onClick={() => desk.actions.convert()}
        >
          {trans.__('Convert to production…')}
        </button>
      </div>
      <div
        role="tablist"
        aria-label={trans.__('What nb2prod knows of this notebook')}
        className="jp-nb2prod-tabs"
        onKeyDown={move}
      >
        {tabs.map(tab => (
          <button
            key={tab}
            role="tab"
            id={`jp-nb2prod-tab-${tab}`}
            aria-selected={desk.tab === tab}
            aria-controls="jp-nb2prod-view"
            tabIndex={desk.tab === tab ? 0 : -1}
            onClick={() => (desk.tab = tab)}
          >
            {names[tab]}
          </button>
        ))}
      </div>
      <div
        role="tabpanel"
        id="jp-nb2prod-view"
        aria-labelledby={`jp-nb2prod-tab-${desk.tab}`}
        className="jp-nb2prod-view"
        tabIndex={0}
      >
        {desk.session?.offline && (
          <p role="status" className="jp-nb2prod-note">
            {trans.__('The server does not answer. What is shown is from before; asking again…')}
          </p>
        )}
        {desk.session?.trouble && !desk.session.offline && (
          <Trouble trouble={desk.session.trouble} desk={desk} trans={trans} />
        )}
        {desk.session ? (
          <View desk={desk} trans={trans} />
        ) : (
          <p>{trans.__('Open a notebook to see what of it is kept.')}</p>
        )}
      </div>
    </div>
  );
}
