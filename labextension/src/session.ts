/**
 * What is known of one open notebook: its analysis, kept up to date while it is edited. No widgets here.
 *
 *   edit  ->  (a short while)  ->  POST analysis  ->  changed  ->  (an idle while)  ->  POST analysis with its plan  ->  changed
 *
 * At most one request of each kind is under way. A newer text takes the place of one that is under way, which the server then gives up; who types
 * on and on sees an answer now and then all the same. An answer to an older text never replaces that to a newer.
 */
import { ISignal, Signal } from '@lumino/signaling';

import { IApi, Refusal } from './request';
import { IAnalysis, IContent, IPreview, ITrouble } from './wire';

/** The notebook as a session sees it. */
export interface ISource {
  readonly path: string;
  readonly changed: ISignal<unknown, unknown>;
  content(): IContent;
}

export interface IDelays {
  analysis: number;
  plan: number;
  retry: number;
}

export const DELAYS: IDelays = { analysis: 10, plan: 700, retry: 3000 };

const PATIENCE = 1000; // milliseconds without an answer, after which one is waited for

export class Session {
  analysis: IAnalysis | null = null;
  trouble: ITrouble | null = null;
  offline = false;
  planned = false; // whether `analysis.plan` is that of the notebook as it is now
  preview: IPreview | null = null;
  previewing = false;
  previewTrouble: ITrouble | null = null;

  constructor(
    readonly source: ISource,
    private readonly _api: IApi,
    private readonly _delays: IDelays = DELAYS
  ) {
    source.changed.connect(this._edited, this);
  }

  /** Something to show has changed. */
  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** Begin, or look again. */
  refresh(): void {
    this._sent = '';
    this._later('analysis', 0);
  }

  dispose(): void {
    this._gone = true;
    Object.values(this._timers).forEach(timer => clearTimeout(timer));
    Object.values(this._asked).forEach(asked => asked?.abort());
    Signal.clearData(this);
  }

  /** Ask for every file that would be written. */
  async loadPreview(folder: string): Promise<void> {
    this.previewing = true;
    this._tell();
    try {
      this.preview = await this._api.preview(this.source.path, this.source.content(), folder, {});
      this.previewTrouble = null;
    } catch (error) {
      this.preview = null;
      this.previewTrouble = troubleOf(error);
    }
    this.previewing = false;
    this._tell();
  }

  private _edited(): void {
    this._later('analysis', this._delays.analysis);
  }

  private _later(kind: 'analysis' | 'plan', delay: number | null): void {
    if (!this._gone && delay !== null) {
      clearTimeout(this._timers[kind]);
      this._timers[kind] = setTimeout(() => void this._look(kind), delay);
    }
  }

  private async _look(kind: 'analysis' | 'plan'): Promise<void> {
    const plan = kind === 'plan';
    const content = this.source.content();
    const text = this.source.path + JSON.stringify(content);
    if (!plan && text === this._sent) {
      return;
    }
    if (this._asked[kind] && (plan || Date.now() - this._since > PATIENCE)) {
      this._again[kind] = true;
      return;
    }
    this._since = this._asked[kind] ? this._since : Date.now();
    const own = this._ask(kind);
    this._sent = text;
    this.planned = this.planned && plan;
    try {
      const found = await this._api.analysis(this.source.path, content, plan, own.signal);
      if (this._asked[kind] === own) {
        this._take(found, text, plan);
        this._later('plan', plan ? null : this._delays.plan);
      }
    } catch (error) {
      if (this._asked[kind] === own) {
        this._fail(error, text, plan);
      }
    }
    if (this._asked[kind] === own) {
      this._asked[kind] = null;
      this._later(kind, this._again[kind] ? 0 : null);
      this._again[kind] = false;
    }
  }

  /** Take the place of what is under way; a plan is outdated with every newer text. */
  private _ask(kind: 'analysis' | 'plan'): AbortController {
    for (const other of kind === 'plan' ? (['plan'] as const) : (['analysis', 'plan'] as const)) {
      this._asked[other]?.abort();
      this._asked[other] = null;
      this._again[other] = false;
    }
    return (this._asked[kind] = new AbortController());
  }

  private _take(found: IAnalysis, text: string, plan: boolean): void {
    this.trouble = null;
    this.offline = false;
    if (plan && text !== this._sent) {
      return; // the notebook has changed meanwhile
    }
    const before = this.analysis;
    const sameCells = before && before.cells.length === found.cells.length;
    this.planned = plan;
    this.analysis = plan || !sameCells ? found : withPlanOf(found, before);
    this._tell();
  }

  private _fail(error: unknown, text: string, plan: boolean): void {
    this.trouble = troubleOf(error);
    this.offline = error instanceof Refusal && isGone(error);
    if (this.offline) {
      this._sent = '';
      this._later('analysis', this._delays.retry);
    } else if (plan) {
      this.planned = true; // there is none, and asking again would not help
    } else if (text === this._sent) {
      this.analysis = null;
    }
    this._tell();
  }

  private _tell(): void {
    if (!this._gone) {
      this._changed.emit();
    }
  }

  private _changed = new Signal<this, void>(this);
  private _timers: { [kind: string]: ReturnType<typeof setTimeout> } = {};
  private _asked: Record<'analysis' | 'plan', AbortController | null> = { analysis: null, plan: null };
  private _since = 0; // when what nobody has answered yet was first asked
  private _again = { analysis: false, plan: false };
  private _sent = '';
  private _gone = false;
}

/** Whether nobody answered: a limit that was passed is an answer. */
function isGone({ status, trouble }: Refusal): boolean {
  return status === 0 || (status >= 502 && trouble.kind !== 'Limit');
}

/** An analysis without a plan, with what only planning tells taken from the one before. */
function withPlanOf(found: IAnalysis, { parameters, plan, offered, diagnostics }: IAnalysis): IAnalysis {
  const planned = diagnostics.filter(
    one => one.code.startsWith('NB3') && !found.diagnostics.some(({ code }) => code === one.code)
  );
  return { ...found, parameters, plan, offered, diagnostics: [...found.diagnostics, ...planned] };
}

/** Any failure as trouble that can be shown. */
export function troubleOf(error: unknown): ITrouble {
  return error instanceof Refusal ? error.trouble : { kind: 'Bug', message: String(error), hint: '', diagnostics: [] };
}
