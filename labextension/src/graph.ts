/**
 * Cells and what passes between them -> boxes and lines with their places.
 *
 *   layout([1, 3], [{from: 1, to: 3, through: ['`df`']}])  ->  {nodes: [{cell: 1, x: 40, y: 14}, ...], lines: [{points: [...]}], width, height}
 */
import * as dagre from '@dagrejs/dagre';

import { IAnalysis, IEdge } from './wire';

export const NODE = { width: 96, height: 26 };

export interface INode {
  cell: number;
  x: number;
  y: number;
}

export interface ILine {
  edge: IEdge;
  points: { x: number; y: number }[];
}

export interface ILayout {
  nodes: INode[];
  lines: ILine[];
  width: number;
  height: number;
}

/** Live cells and their edges; with `all` the dead ones too. Edges that others imply are left out, so that the picture can be read. */
export function graphOf(analysis: IAnalysis, all: boolean): { cells: number[]; edges: IEdge[] } {
  const shown = analysis.cells.filter(cell => cell.statements.length && (all || cell.statements.some(one => one.live)));
  const cells = new Set(shown.map(cell => cell.index));
  const edges = analysis.edges.filter(edge => cells.has(edge.from) && cells.has(edge.to));
  return { cells: [...cells], edges: nearest(edges) };
}

/** For each thing a cell needs only the edges that no path of others stands for. */
function nearest(edges: IEdge[]): IEdge[] {
  const direct = new Map<number, Set<number>>();
  edges.forEach(edge => direct.set(edge.to, (direct.get(edge.to) ?? new Set()).add(edge.from)));
  const implied = (edge: IEdge) =>
    [...(direct.get(edge.to) ?? [])].some(
      between => between !== edge.from && (direct.get(between)?.has(edge.from) ?? false)
    );
  return edges.filter(edge => !implied(edge));
}

export function layout(cells: number[], edges: IEdge[]): ILayout {
  const graph = new dagre.graphlib.Graph();
  graph.setGraph({ nodesep: 12, ranksep: 24, marginx: 6, marginy: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  cells.forEach(cell => graph.setNode(String(cell), { ...NODE }));
  edges.forEach(edge => graph.setEdge(String(edge.from), String(edge.to)));
  dagre.layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    nodes: cells.map(cell => ({ cell, x: graph.node(String(cell)).x, y: graph.node(String(cell)).y })),
    lines: edges.map(edge => ({ edge, points: graph.edge(String(edge.from), String(edge.to)).points })),
    width,
    height
  };
}
