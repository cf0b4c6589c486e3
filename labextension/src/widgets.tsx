/** The side panel and the side-by-side page as JupyterLab widgets. */
import { MainAreaWidget, ReactWidget, UseSignal } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';
import { LabIcon } from '@jupyterlab/ui-components';
import * as React from 'react';

import { DiffView } from './components/DiffView';
import { Panel } from './components/Panel';
import { VerdictView } from './components/VerdictView';
import { Desk } from './desk';
import { Run } from './jobs';
import { PANEL } from './tokens';
import { IPreviewFile } from './wire';

const SVG = `<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16" viewBox="0 0 16 16">
<g class="jp-icon3" fill="#616161"><path d="M2 2h6v2H4v8h4v2H2z"/><path d="M7 7h4V4.5L15.5 8 11 11.5V9H7z"/></g></svg>`;

export const icon = new LabIcon({ name: 'nb2prod:icon', svgstr: SVG });

export class SidePanel extends ReactWidget {
  constructor(
    private readonly _desk: Desk,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.id = PANEL;
    this.addClass('jp-nb2prod');
    this.title.icon = icon;
    this.title.caption = _trans.__('Notebook to production');
  }

  protected render(): JSX.Element {
    return <UseSignal signal={this._desk.changed}>{() => <Panel desk={this._desk} trans={this._trans} />}</UseSignal>;
  }
}

/** Both values of every result, in the main area. */
export function comparisonOf(run: Run, desk: Desk, trans: TranslationBundle): MainAreaWidget {
  const { result, id } = run.job;
  const body = <VerdictView result={result!} desk={desk} trans={trans} />;
  return page(body, `comparison-${id}`, trans.__('Side by side: %1', result?.folder ?? ''));
}

/** A file as it is and as it would be, in the main area. */
export function diffOf(file: IPreviewFile, trans: TranslationBundle): MainAreaWidget {
  const body = <DiffView file={file} sides trans={trans} />;
  return page(body, `diff-${pages++}`, trans.__('Changes: %1', file.path));
}

let pages = 0;

function page(body: JSX.Element, id: string, label: string): MainAreaWidget {
  const content = ReactWidget.create(
    <div className="jp-nb2prod-page" tabIndex={0}>
      {body}
    </div>
  );
  content.addClass('jp-nb2prod');
  const widget = new MainAreaWidget({ content });
  widget.id = `nb2prod-${id}`;
  widget.title.label = label;
  widget.title.icon = icon;
  widget.title.closable = true;
  return widget;
}
