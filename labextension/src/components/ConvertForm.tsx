/** What a conversion is asked with: the body of a dialog. */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IOptions, IStatus } from '../wire';

export interface IAsked {
  folder: string;
  options: IOptions;
}

interface IState {
  folder: string;
  run: boolean;
  force: boolean;
  targets: string[];
  cron: string;
  timezone: string;
}

/** The request a filled form stands for; what was left at rest is left out. */
export function askedFor(state: IState): IAsked {
  return {
    folder: state.folder.trim().replace(/^\/+|\/+$/g, ''),
    options: {
      run: state.run,
      ...(state.force ? { force: true } : {}),
      ...(state.targets.length ? { target: state.targets } : {}),
      ...(state.cron.trim() ? { schedule: state.cron.trim() } : {}),
      ...(state.cron.trim() && state.timezone.trim() ? { timezone: state.timezone.trim() } : {})
    }
  };
}

export class ConvertForm extends ReactWidget implements Dialog.IBodyWidget<IAsked> {
  constructor(
    folder: string,
    private readonly _status: IStatus | null,
    private readonly _trans: TranslationBundle
  ) {
    super();
    this.addClass('jp-nb2prod-convert');
    this._state = { folder, run: true, force: false, targets: ['cron'], cron: '', timezone: '' };
  }

  getValue(): IAsked {
    return askedFor(this._state);
  }

  protected render(): JSX.Element {
    return (
      <Form state={this._state} status={this._status} trans={this._trans} onChange={state => (this._state = state)} />
    );
  }

  private _state: IState;
}

interface IFormProps {
  state: IState;
  status: IStatus | null;
  trans: TranslationBundle;
  onChange: (state: IState) => void;
}

export function Form({ state: first, status, trans, onChange }: IFormProps): JSX.Element {
  const [state, setState] = React.useState(first);
  const set = (part: Partial<IState>) => {
    const next = { ...state, ...part };
    setState(next);
    onChange(next);
  };
  const toggle = (name: string, on: boolean) =>
    set({ targets: on ? [...state.targets, name] : state.targets.filter(one => one !== name) });
  return (
    <div className="jp-nb2prod-form">
      <label>
        <span>{trans.__('Folder')}</span>
        <input
          className="jp-mod-styled"
          name="folder"
          value={state.folder}
          onChange={event => set({ folder: event.target.value })}
        />
      </label>
      <fieldset>
        <legend>{trans.__('Proof')}</legend>
        <label className="jp-nb2prod-check">
          <input type="radio" name="run" checked={state.run} onChange={() => set({ run: true })} />{' '}
          {trans.__('Run the notebook and the package, and compare every result')}
        </label>
        <label className="jp-nb2prod-check">
          <input type="radio" name="run" checked={!state.run} onChange={() => set({ run: false })} />{' '}
          {trans.__('Only read the notebook; nothing is run or proved')}
        </label>
      </fieldset>
      <fieldset className="jp-nb2prod-targets">
        <legend>{trans.__('Job files for')}</legend>
        {(status?.targets ?? []).map(target => (
          <label key={target.name} className="jp-nb2prod-check" title={target.summary}>
            <input
              type="checkbox"
              checked={state.targets.includes(target.name)}
              onChange={event => toggle(target.name, event.target.checked)}
            />{' '}
            {target.name}
          </label>
        ))}
      </fieldset>
      <label>
        <span>{trans.__('Schedule (cron, may be empty)')}</span>
        <input
          className="jp-mod-styled"
          name="cron"
          placeholder="30 6 * * 1-5"
          value={state.cron}
          onChange={event => set({ cron: event.target.value })}
        />
      </label>
      <label>
        <span>{trans.__('Time zone')}</span>
        <input
          className="jp-mod-styled"
          name="timezone"
          placeholder="Europe/Berlin"
          value={state.timezone}
          onChange={event => set({ timezone: event.target.value })}
        />
      </label>
      <label className="jp-nb2prod-check">
        <input type="checkbox" checked={state.force} onChange={event => set({ force: event.target.checked })} />{' '}
        {trans.__('Overwrite files of an earlier conversion that were edited by hand')}
      </label>
    </div>
  );
}
