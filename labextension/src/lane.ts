/**
 * The lane beside the cells of one notebook: a badge at each code cell, its reason on hover and for screen readers.
 *
 *   new Lane(panel, session, lines, trans, activate)   ->   <button class="jp-nb2prod-badge" data-kind="dead" title="Dead: only shows ...">
 *
 * The lane is there from the first moment, so that nothing moves when the first analysis comes.
 */
import { NotebookPanel } from '@jupyterlab/notebook';
import { TranslationBundle } from '@jupyterlab/translation';

import { DimmedLines } from './dim';
import { IMark, marksOf, SIGNS } from './marks';
import { Session } from './session';

const SHOWN = 'jp-mod-nb2prod';
const BADGE = 'jp-nb2prod-badge';
const MOST_REASONS = 8;

export class Lane {
  constructor(
    private readonly _panel: NotebookPanel,
    private readonly _session: Session,
    private readonly _lines: DimmedLines,
    private readonly _trans: TranslationBundle,
    private readonly _activate: (cell: number, event: MouseEvent) => void
  ) {
    this._panel.content.addClass(SHOWN);
    _session.changed.connect(this.update, this);
    _panel.content.model?.cells.changed.connect(this.update, this);
    this.update();
  }

  /** Bring every badge and every dimmed line in step with the analysis. */
  update(): void {
    const analysis = this._session.analysis;
    const marks = analysis ? marksOf(analysis, this._trans) : new Map<number, IMark>();
    const byId = new Map((analysis?.cells ?? []).map(cell => [cell.id, marks.get(cell.index)]));
    this._panel.content.node.classList.toggle('jp-mod-offline', this._session.offline);
    this._panel.content.widgets.forEach((cell, index) => {
      const mark = byId.get(cell.model.id);
      this._badge(cell.node, index, mark);
      this._lines.set(cell.model, { dead: mark?.dead ?? [], mixed: mark?.mixed ?? [] });
    });
  }

  dispose(): void {
    this._session.changed.disconnect(this.update, this);
    this._panel.content.model?.cells.changed.disconnect(this.update, this);
    this._panel.content.removeClass(SHOWN);
    this._panel.content.widgets.forEach((cell, index) => {
      this._badge(cell.node, index, undefined);
      this._lines.set(cell.model, { dead: [], mixed: [] });
    });
  }

  private _badge(node: HTMLElement, index: number, mark: IMark | undefined): void {
    let badge = node.querySelector<HTMLButtonElement>(`:scope > .${BADGE}`);
    if (!mark) {
      badge?.remove();
      return;
    }
    if (!badge) {
      badge = document.createElement('button');
      badge.className = BADGE;
      badge.tabIndex = -1; // the same is in the side panel and the palette; 400 stops of the tab key help nobody
      node.appendChild(badge);
    }
    const told = describe(mark, this._trans);
    if (badge.title !== told || badge.dataset.kind !== mark.kind) {
      badge.dataset.kind = mark.kind;
      badge.textContent = SIGNS[mark.kind];
      badge.title = told;
      badge.setAttribute('aria-label', told);
    }
    badge.onclick = event => this._activate(index, event);
  }
}

/** A mark as text: the kind, then its reasons. */
export function describe(mark: IMark, trans: TranslationBundle): string {
  const more = mark.reasons.length - MOST_REASONS;
  const reasons = mark.reasons.slice(0, MOST_REASONS).concat(more > 0 ? [trans.__('and %1 more', more)] : []);
  return [mark.label, ...reasons].join('\n');
}
