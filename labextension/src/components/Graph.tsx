/** The dataflow graph: click or press Enter on a cell to go there; arrow keys follow the edges. */
import * as React from 'react';

import { graphOf, layout, NODE } from '../graph';
import { labels, marksOf } from '../marks';
import { IProps } from './Panel';

export function Graph({ desk, trans }: IProps): JSX.Element {
  const [all, setAll] = React.useState(false);
  const analysis = desk.session?.analysis ?? null;
  const drawn = React.useMemo(() => {
    if (!analysis) {
      return null;
    }
    const { cells, edges } = graphOf(analysis, all);
    return { ...layout(cells, edges), marks: marksOf(analysis, trans), edges };
  }, [analysis, all]);
  const svg = React.useRef<SVGSVGElement>(null);
  const place = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (drawn && place.current) {
      place.current.scrollLeft = (drawn.nodes[0]?.x ?? 0) - place.current.clientWidth / 2;
    }
  }, [drawn?.nodes.length]);
  if (!drawn) {
    return <p>{trans.__('Looking at the notebook…')}</p>;
  }
  const names = labels(trans);
  const focus = (cell: number | undefined) =>
    cell !== undefined && svg.current?.querySelector<SVGElement>(`[data-cell="${cell}"]`)?.focus();
  const key = (event: React.KeyboardEvent, cell: number) => {
    const order = drawn.nodes.map(node => node.cell);
    const steps: Record<string, () => void> = {
      Enter: () => desk.actions.goTo(cell),
      ' ': () => desk.actions.goTo(cell),
      ArrowDown: () => focus(drawn.edges.find(edge => edge.from === cell)?.to),
      ArrowUp: () => focus(drawn.edges.find(edge => edge.to === cell)?.from),
      ArrowRight: () => focus(order[order.indexOf(cell) + 1]),
      ArrowLeft: () => focus(order[order.indexOf(cell) - 1])
    };
    if (steps[event.key]) {
      event.preventDefault();
      steps[event.key]();
    }
  };
  return (
    <>
      <label className="jp-nb2prod-check">
        <input type="checkbox" checked={all} onChange={event => setAll(event.target.checked)} />{' '}
        {trans.__('Show dropped cells')}
      </label>
      <div ref={place} className="jp-nb2prod-graph">
        <svg
          ref={svg}
          role="group"
          aria-label={trans.__('Which cell needs which')}
          width={drawn.width}
          height={drawn.height}
          viewBox={`0 0 ${drawn.width} ${drawn.height}`}
        >
          {drawn.lines.map(({ edge, points }) => (
            <polyline key={`${edge.from}-${edge.to}`} points={points.map(point => `${point.x},${point.y}`).join(' ')}>
              <title>{trans.__('cell %1 needs %2 of cell %3', edge.to, edge.through.join(', '), edge.from)}</title>
            </polyline>
          ))}
          {drawn.nodes.map(({ cell, x, y }, number) => {
            const kind = drawn.marks.get(cell)?.kind ?? 'live';
            const needs = drawn.edges.filter(edge => edge.to === cell).map(edge => edge.from);
            const told = needs.length
              ? trans.__('Cell %1, %2, needs cell %3', cell, names[kind], needs.join(', '))
              : trans.__('Cell %1, %2', cell, names[kind]);
            return (
              <g
                key={cell}
                role="button"
                aria-label={told}
                tabIndex={number === 0 ? 0 : -1}
                data-cell={cell}
                data-kind={kind}
                aria-current={desk.cell === cell}
                transform={`translate(${x - NODE.width / 2}, ${y - NODE.height / 2})`}
                onClick={() => desk.actions.goTo(cell)}
                onKeyDown={event => key(event, cell)}
              >
                <title>{told}</title>
                <rect width={NODE.width} height={NODE.height} rx={4} />
                <text x={NODE.width / 2} y={NODE.height / 2}>
                  {titleOf(cell, drawn.edges, trans.__('cell %1', cell))}
                </text>
              </g>
            );
          })}
        </svg>
      </div>
    </>
  );
}

/** What a cell is called in the graph: its number and the first name it gives. */
function titleOf(cell: number, edges: { from: number; through: string[] }[], plain: string): string {
  const given = edges.find(edge => edge.from === cell)?.through[0]?.replace(/`/g, '');
  return given && given.length <= 9 ? `${cell} ${given}` : plain;
}
