/** Every file a conversion would write, each against what is there already. */
import * as React from 'react';

import { IPreviewFile } from '../wire';
import { DiffView } from './DiffView';
import { IProps } from './Panel';
import { breakable } from './Parameters';
import { Trouble } from './Trouble';

export function Files({ desk, trans }: IProps): JSX.Element {
  const session = desk.session!;
  const [chosen, choose] = React.useState('');
  const folder = desk.project?.folder ?? '';
  const preview = session.preview;
  const states = { new: trans.__('new'), same: trans.__('unchanged'), changed: trans.__('changed') };
  const file = preview?.files.find(one => one.path === chosen) ?? null;
  return (
    <>
      <div className="jp-nb2prod-buttons">
        <button
          className="jp-mod-styled"
          disabled={session.previewing}
          onClick={() => void session.loadPreview(folder)}
        >
          {session.previewing
            ? trans.__('Writing a draft…')
            : preview
              ? trans.__('Preview again')
              : trans.__('Preview every file')}
        </button>
      </div>
      {session.previewTrouble && <Trouble trouble={session.previewTrouble} desk={desk} trans={trans} />}
      {!preview && !session.previewing && (
        <p>
          {trans.__(
            'A draft made without running the notebook. Nothing is written. Types and versions are known better after a run.'
          )}
        </p>
      )}
      {preview && (
        <>
          <p>{trans.__('Would be written to %1:', preview.folder)}</p>
          <ul className="jp-nb2prod-files">
            {preview.files.map(one => (
              <li key={one.path} data-state={one.state}>
                <button
                  className="jp-nb2prod-link"
                  aria-expanded={one.path === chosen}
                  onClick={() => choose(one.path === chosen ? '' : one.path)}
                >
                  {breakable(one.path)}
                </button>{' '}
                <span className="jp-nb2prod-state">{states[one.state]}</span>
                {one === file && (
                  <Content file={file} path={`${preview.folder}/${file.path}`} desk={desk} trans={trans} />
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function Content({ file, path, desk, trans }: IProps & { file: IPreviewFile; path: string }): JSX.Element {
  const [sides, setSides] = React.useState(false);
  const ways = [
    { label: trans.__('One column'), sides: false },
    { label: trans.__('Side by side'), sides: true }
  ];
  return (
    <div className="jp-nb2prod-content">
      {file.state === 'changed' && file.text !== null && (
        <div role="group" aria-label={trans.__('How the difference is shown')} className="jp-nb2prod-buttons">
          {ways.map(way => (
            <button
              key={way.label}
              className="jp-mod-styled jp-mod-minimal"
              aria-pressed={sides === way.sides}
              onClick={() => setSides(way.sides)}
            >
              {way.label}
            </button>
          ))}
          <button className="jp-mod-styled jp-mod-minimal" onClick={() => desk.actions.showDiff(file)}>
            {trans.__('Own page')}
          </button>
        </div>
      )}
      {file.state !== 'new' && (
        <button className="jp-nb2prod-link" onClick={() => desk.actions.open(path)}>
          {trans.__('Open the file that is there')}
        </button>
      )}
      {file.text === null ? (
        <p>{trans.__('%1 bytes that are no text', file.size)}</p>
      ) : (
        <DiffView file={file} sides={sides} trans={trans} />
      )}
    </div>
  );
}
