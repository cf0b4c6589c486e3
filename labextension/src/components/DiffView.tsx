/** A file as it would be, with what is different from the one that is there marked in it. The editor comes when it is needed. */
import { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

import { IPreviewFile } from '../wire';

export interface IDiffProps {
  file: IPreviewFile;
  sides: boolean;
  trans: TranslationBundle;
}

export function DiffView({ file, sides, trans }: IDiffProps): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  const { path, old } = file;
  const text = file.text ?? '';
  React.useEffect(() => {
    let close = () => {};
    let gone = false;
    const label = trans.__('Content of %1', path);
    const oldLabel = trans.__('%1 as it is now', path);
    void import('../diff').then(async ({ showDiff }) => {
      if (place.current && !gone) {
        const shown = await showDiff(place.current, { old, text, name: path, label, oldLabel, sides });
        close = shown;
        if (gone) {
          shown();
        }
      }
    });
    return () => {
      gone = true;
      close();
    };
  }, [old, text, path, sides]);
  return <div ref={place} className="jp-nb2prod-diff" />;
}
