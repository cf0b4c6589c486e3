/** When and where the project's job runs: every target there are job files for, and jupyter-scheduler where it is installed. */
import * as React from 'react';

import { Check, Targets, When } from './Fields';
import { IProps } from './Panel';

interface IScheduleProps extends IProps {
  folder: string;
  attempt: (work: () => Promise<unknown>) => Promise<void>;
}

export function ScheduleForm({ folder, desk, trans, attempt }: IScheduleProps): JSX.Element {
  const targets = desk.status?.targets ?? [];
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const [when, setWhen] = React.useState({ cron: '30 6 * * 1-5', timezone: timeZone });
  const [chosen, choose] = React.useState<string[]>(targets.slice(0, 1).map(target => target.name));
  const [inside, setInside] = React.useState(false);
  return (
    <form
      className="jp-nb2prod-form"
      aria-label={trans.__('Schedule')}
      onSubmit={event => {
        event.preventDefault();
        void attempt(() => desk.schedule(folder, chosen, when.cron, when.timezone, inside));
      }}
    >
      <When {...when} onChange={part => setWhen({ ...when, ...part })} trans={trans} required />
      <Targets legend={trans.__('Write job files for')} targets={targets} chosen={chosen} onChange={choose}>
        {desk.status?.scheduler && (
          <Check label={trans.__('A job definition in Jupyter Scheduler')} checked={inside} onChange={setInside} />
        )}
      </Targets>
      <button type="submit" className="jp-mod-styled jp-mod-accept" disabled={!chosen.length && !inside}>
        {trans.__('Create job')}
      </button>
    </form>
  );
}
