/** When and where the project's job runs: every target there are job files for, and jupyter-scheduler where it is installed. */
import * as React from 'react';

import { IParameter } from '../wire';
import { IProps } from './Panel';

interface IScheduleProps extends IProps {
  folder: string;
  parameters: IParameter[];
  attempt: (work: () => Promise<unknown>) => Promise<void>;
}

export function ScheduleForm({ folder, desk, trans, attempt }: IScheduleProps): JSX.Element {
  const targets = desk.status?.targets ?? [];
  const [cron, setCron] = React.useState('30 6 * * 1-5');
  const [timezone, setTimezone] = React.useState(Intl.DateTimeFormat().resolvedOptions().timeZone);
  const [chosen, choose] = React.useState<string[]>(targets.slice(0, 1).map(target => target.name));
  const [inside, setInside] = React.useState(false);
  const create = () => desk.schedule(folder, chosen, cron, timezone, inside);
  const toggle = (name: string, on: boolean) => choose(on ? [...chosen, name] : chosen.filter(one => one !== name));
  return (
    <form
      className="jp-nb2prod-form"
      aria-label={trans.__('Schedule')}
      onSubmit={event => {
        event.preventDefault();
        void attempt(create);
      }}
    >
      <label>
        <span>{trans.__('When (cron)')}</span>
        <input
          className="jp-mod-styled"
          name="cron"
          value={cron}
          required
          onChange={event => setCron(event.target.value)}
        />
      </label>
      <label>
        <span>{trans.__('Time zone')}</span>
        <input
          className="jp-mod-styled"
          name="timezone"
          value={timezone}
          onChange={event => setTimezone(event.target.value)}
        />
      </label>
      <fieldset className="jp-nb2prod-targets">
        <legend>{trans.__('Write job files for')}</legend>
        {targets.map(target => (
          <label key={target.name} className="jp-nb2prod-check" title={target.summary}>
            <input
              type="checkbox"
              checked={chosen.includes(target.name)}
              onChange={event => toggle(target.name, event.target.checked)}
            />{' '}
            {target.name}
          </label>
        ))}
        {desk.status?.scheduler && (
          <label className="jp-nb2prod-check">
            <input type="checkbox" checked={inside} onChange={event => setInside(event.target.checked)} />{' '}
            {trans.__('A job definition in Jupyter Scheduler')}
          </label>
        )}
      </fieldset>
      <button type="submit" className="jp-mod-styled jp-mod-accept" disabled={!chosen.length && !inside}>
        {trans.__('Create job')}
      </button>
    </form>
  );
}
