/** What a conversion is asked with: the body of a dialog. */
import { Dialog, ReactWidget } from '@jupyterlab/apputils';
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IOptions, IStatus } from '../wire';
import { Check, Targets, TextField, When } from './Fields';

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
  return (
    <div className="jp-nb2prod-form">
      <TextField label={trans.__('Folder')} name="folder" value={state.folder} onChange={folder => set({ folder })} />
      <fieldset>
        <legend>{trans.__('Proof')}</legend>
        <Check
          radio="run"
          label={trans.__('Run the notebook and the package, and compare every result')}
          checked={state.run}
          onChange={() => set({ run: true })}
        />
        <Check
          radio="run"
          label={trans.__('Only read the notebook; nothing is run or proved')}
          checked={!state.run}
          onChange={() => set({ run: false })}
        />
      </fieldset>
      <Targets
        legend={trans.__('Job files for')}
        targets={status?.targets ?? []}
        chosen={state.targets}
        onChange={targets => set({ targets })}
      />
      <When cron={state.cron} timezone={state.timezone} onChange={set} trans={trans} />
      <Check
        label={trans.__('Overwrite files of an earlier conversion that were edited by hand')}
        checked={state.force}
        onChange={force => set({ force })}
      />
    </div>
  );
}
