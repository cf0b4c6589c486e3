/** A text, with what is different from an older one marked in it. The editor comes when it is needed. */
import * as React from 'react';

export interface IDiffProps {
  old: string | null;
  text: string;
  name: string;
  label: string;
}

export function DiffView({ old, text, name, label }: IDiffProps): JSX.Element {
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    let close = () => {};
    let gone = false;
    void import('../diff').then(async ({ showDiff }) => {
      if (place.current && !gone) {
        close = await showDiff(place.current, old, text, name, label);
      }
    });
    return () => {
      gone = true;
      close();
    };
  }, [old, text, name]);
  return <div ref={place} className="jp-nb2prod-diff" />;
}
